"""A challenge from one status to the next, with what follows from it (contract 3.6).

The caller has locked the challenge's row. `edits` are columns of the same edit, so that one UPDATE carries them.
"""

from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F

from apps.accounts.models import User
from apps.challenges import cache, reads
from apps.challenges.models import Challenge, ChallengeHabit, ChallengeStatus, Membership, MemberStatus
from apps.core import clock
from apps.core.numbers import percentage
from apps.core.transactions import transactional
from apps.notifications.models import NotificationType
from apps.notifications.services import Notice, notify_many

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

    Needs id, name, status, end_date and is_public of the challenge. Nothing happens when it is not pending.
    """
    present = reads.present(challenge.pk)
    if not _move(challenge, ChallengeStatus.PENDING, ChallengeStatus.ACTIVE, edits, present):
        return
    if today > challenge.end_date:
        return
    told = [member["user_id"] for member in _active(present) if member["user_id"] != actor_id]
    notify_many([start_notice(challenge, told)])


@transactional
def close(challenge: Challenge, *, status: str, actor_id: UUID | None, edits: dict[str, Any] | None = None) -> None:
    """active -> completed or failed: the rate is fixed, members are told, success is counted. All of it once.

    Needs id, name, status, start_date, end_date and is_public of the challenge. Nothing happens when it is not active.
    Locks the active and pending memberships and, on success, the users of the active ones.
    """
    present = _lock_present(challenge)
    members = _active(present)
    possible = _possible(challenge, members)
    done = sum(member["total_checkins"] for member in members)
    rate = percentage(done, possible)
    if not _move(challenge, ChallengeStatus.ACTIVE, status, (edits or {}) | {"completion_rate": rate}, present):
        return
    if status == ChallengeStatus.COMPLETED and is_success(done, possible):
        _count_success(members)
    told = [member["user_id"] for member in members if member["user_id"] != actor_id]
    notify_many([end_notice(challenge, told, rate)])


def archive(challenge: Challenge, *, edits: dict[str, Any] | None = None) -> None:
    """Any status -> archived. Statistics stay, nobody is told."""
    _move(challenge, challenge.status, ChallengeStatus.ARCHIVED, edits, reads.present(challenge.pk))


def start_notice(challenge: Challenge, told: list[UUID]) -> Notice:
    return Notice(
        told,
        NotificationType.CHALLENGE_STARTED,
        title="Challenge started!",
        body=f"'{challenge.name}' has started.",
        data={"challenge_id": str(challenge.pk)},
        action_url=f"/challenges/{challenge.pk}",
        dedupe_key=f"challenge_started:{challenge.pk}",
    )


def end_notice(challenge: Challenge, told: list[UUID], rate: float) -> Notice:
    completed = challenge.status == ChallengeStatus.COMPLETED
    shown = f"{rate:.2f}".rstrip("0").rstrip(".")
    return Notice(
        told,
        NotificationType.CHALLENGE_COMPLETED,
        title="Challenge completed!" if completed else "Challenge ended",
        body=f"'{challenge.name}' {'is completed:' if completed else 'has ended at'} {shown} %.",
        data={"challenge_id": str(challenge.pk), "status": challenge.status, "completion_rate": rate},
        action_url=f"/challenges/{challenge.pk}",
        dedupe_key=f"challenge_completed:{challenge.pk}",
    )


def is_success(done: int, possible: int) -> bool:
    """Judged on the exact average: one that is only rounded up to the threshold is none."""
    return possible > 0 and 100 * done >= settings.CHALLENGE_SUCCESS_THRESHOLD * possible


def _move(
    challenge: Challenge, before: str, after: str, edits: dict[str, Any] | None, present: list[dict[str, Any]]
) -> bool:
    """False when somebody else has moved it. `present` are the members in whose lists it is."""
    columns = (edits or {}) | {"status": after, "updated_at": clock.now()}
    moved = Challenge.objects.filter(pk=challenge.pk, status=before).update(**columns)
    if moved:
        challenge.status = after
        members = [member["user_id"] for member in present]
        cache.expire_in_lists(challenge, members=members, becomes_public=columns.get("is_public", False), facts=True)
    return bool(moved)


def _lock_present(challenge: Challenge) -> list[dict[str, Any]]:
    """The active and pending memberships, with the number of habits of their challenge."""
    habits = ChallengeHabit.objects.count_of(challenge.pk)
    present = Membership.objects.present().filter(challenge=challenge.pk).order_by("pk")
    columns = ("pk", "user_id", "status", "total_checkins")
    return list(present.select_for_update(no_key=True).values(*columns, habits=habits))


def _active(present: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [member for member in present if member["status"] == MemberStatus.ACTIVE]


def _possible(challenge: Challenge, members: list[dict[str, Any]]) -> int:
    """Check-ins that all active members together could have made."""
    days = (challenge.end_date - challenge.start_date).days + 1
    return days * sum(member["habits"] for member in members)


def _count_success(members: list[dict[str, Any]]) -> None:
    Membership.objects.filter(pk__in=[member["pk"] for member in members]).update(is_completed=True)
    users = User.objects.filter(pk__in=[member["user_id"] for member in members])
    # Locked by id before they are updated: the UPDATE alone would lock them in the order of its plan.
    locked = list(users.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    User.objects.filter(pk__in=locked).update(
        total_challenges_completed=F("total_challenges_completed") + 1, updated_at=clock.now()
    )
