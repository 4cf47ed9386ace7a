"""A challenge from one status to the next, with what follows from it (contract 3.6).

The caller has locked the challenge's row. `edits` are columns of the same edit, so that one UPDATE carries them.
"""

from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F

from apps.accounts.models import User
from apps.challenges.models import Challenge, ChallengeHabit, ChallengeStatus, Membership
from apps.core import clock
from apps.core.numbers import percentage
from apps.core.transactions import transactional
from apps.notifications.models import NotificationType
from apps.notifications.services import notify

TRANSITIONS = {
    ChallengeStatus.PENDING: {ChallengeStatus.ACTIVE, ChallengeStatus.ARCHIVED},
    ChallengeStatus.ACTIVE: {ChallengeStatus.COMPLETED, ChallengeStatus.FAILED, ChallengeStatus.ARCHIVED},
    ChallengeStatus.COMPLETED: {ChallengeStatus.ARCHIVED},
    ChallengeStatus.FAILED: {ChallengeStatus.ARCHIVED},
    ChallengeStatus.ARCHIVED: set(),
}


def may_become(before: str, after: str) -> bool:
    return before == after or after in TRANSITIONS[before]


@transactional
def activate(challenge: Challenge, *, actor_id: UUID | None, today: date, edits: dict[str, Any] | None = None) -> None:
    """pending -> active; the active members but the actor are told, unless the challenge is over on `today`.

    Needs id, name, status and end_date of the challenge. Nothing happens when it is not pending.
    """
    if not _move(challenge, ChallengeStatus.PENDING, ChallengeStatus.ACTIVE, edits) or today > challenge.end_date:
        return
    members = Membership.objects.active().filter(challenge=challenge.pk).exclude(user=actor_id)
    notify(
        members.values_list("user_id", flat=True),
        NotificationType.CHALLENGE_STARTED,
        title="Challenge started!",
        body=f"'{challenge.name}' has started.",
        data={"challenge_id": str(challenge.pk)},
        action_url=f"/challenges/{challenge.pk}",
        dedupe_key=f"challenge_started:{challenge.pk}",
    )


@transactional
def close(challenge: Challenge, *, status: str, actor_id: UUID | None, edits: dict[str, Any] | None = None) -> None:
    """active -> completed or failed: the rate is fixed, members are told, success is counted. All of it once.

    Needs id, name, status, start_date and end_date of the challenge. Nothing happens when it is not active. Locks the
    active memberships and, on success, their users.
    """
    members = _lock_members(challenge)
    possible = _possible(challenge, members)
    done = sum(member["total_checkins"] for member in members)
    rate = percentage(done, possible)
    if not _move(challenge, ChallengeStatus.ACTIVE, status, (edits or {}) | {"completion_rate": rate}):
        return
    if status == ChallengeStatus.COMPLETED and _is_success(done, possible):
        _count_success(members)
    told = [member["user_id"] for member in members if member["user_id"] != actor_id]
    _tell_the_end(challenge, told, rate)


def archive(challenge: Challenge, *, edits: dict[str, Any] | None = None) -> None:
    """Any status -> archived. Statistics stay, nobody is told."""
    _move(challenge, challenge.status, ChallengeStatus.ARCHIVED, edits)


def _move(challenge: Challenge, before: str, after: str, edits: dict[str, Any] | None) -> bool:
    """False when somebody else has moved it."""
    columns = (edits or {}) | {"status": after, "updated_at": clock.now()}
    moved = Challenge.objects.filter(pk=challenge.pk, status=before).update(**columns)
    challenge.status = after if moved else challenge.status
    return bool(moved)


def _lock_members(challenge: Challenge) -> list[dict[str, Any]]:
    """The active memberships, with the number of habits of their challenge."""
    habits = ChallengeHabit.objects.count_of(challenge.pk)
    members = Membership.objects.active().filter(challenge=challenge.pk).order_by("pk")
    return list(members.select_for_update(no_key=True).values("pk", "user_id", "total_checkins", habits=habits))


def _possible(challenge: Challenge, members: list[dict[str, Any]]) -> int:
    """Check-ins that all active members together could have made."""
    days = (challenge.end_date - challenge.start_date).days + 1
    return days * sum(member["habits"] for member in members)


def _is_success(done: int, possible: int) -> bool:
    """Judged on the exact average: one that is only rounded up to the threshold is none."""
    return possible > 0 and 100 * done >= settings.CHALLENGE_SUCCESS_THRESHOLD * possible


def _count_success(members: list[dict[str, Any]]) -> None:
    Membership.objects.filter(pk__in=[member["pk"] for member in members]).update(is_completed=True)
    users = User.objects.filter(pk__in=[member["user_id"] for member in members])
    # Locked by id before they are updated: the UPDATE alone would lock them in the order of its plan.
    locked = list(users.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    User.objects.filter(pk__in=locked).update(
        total_challenges_completed=F("total_challenges_completed") + 1, updated_at=clock.now()
    )


def _tell_the_end(challenge: Challenge, user_ids: list[UUID], rate: float) -> None:
    completed = challenge.status == ChallengeStatus.COMPLETED
    shown = f"{rate:.2f}".rstrip("0").rstrip(".")
    notify(
        user_ids,
        NotificationType.CHALLENGE_COMPLETED,
        title="Challenge completed!" if completed else "Challenge ended",
        body=f"'{challenge.name}' {'is completed:' if completed else 'has ended at'} {shown} %.",
        data={"challenge_id": str(challenge.pk), "status": challenge.status, "completion_rate": rate},
        action_url=f"/challenges/{challenge.pk}",
        dedupe_key=f"challenge_completed:{challenge.pk}",
    )
