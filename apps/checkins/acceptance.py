"""Whether a check-in is accepted: the refusals of contract 3.8, in its order."""

from datetime import date

from django.conf import settings

from apps.challenges import errors as challenge_errors
from apps.challenges.models import Challenge, CheckinType, MemberStatus
from apps.checkins import errors
from apps.checkins.statements import Scene

EVIDENCE = {CheckinType.PHOTO: "photo_url", CheckinType.VIDEO: "video_url", CheckinType.CAPTION: "caption"}


def require_acceptable(scene: Scene, day: date, evidence: dict[str, str | None]) -> None:
    """Everything but "already there", which the unique constraint decides."""
    if scene.membership.status != MemberStatus.ACTIVE:
        raise challenge_errors.not_a_member()
    if scene.challenge.is_closed_on(day):
        raise challenge_errors.challenge_closed()
    if day < scene.challenge.start_date:
        raise challenge_errors.challenge_not_started(date=scene.challenge.start_date)
    if not scene.has_habit:
        raise errors.habit_not_in_challenge()
    if scene.challenge.require_evidence:
        _require_evidence(scene.challenge, evidence)


def _require_evidence(challenge: Challenge, evidence: dict[str, str | None]) -> None:
    if not any(evidence.values()):
        raise errors.evidence_required()
    wanted = EVIDENCE.get(challenge.checkin_type)
    if settings.STRICT_EVIDENCE and wanted and not evidence[wanted]:
        raise errors.evidence_type_mismatch(type=challenge.checkin_type)
