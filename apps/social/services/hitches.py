"""Hitching: one member reminds others to check in, and has a few of these calls to spend (contract 3.9)."""

from typing import NamedTuple
from uuid import UUID

from apps.challenges import access
from apps.challenges.errors import challenge_closed, challenge_not_started, not_a_member
from apps.challenges.models import MemberStatus
from apps.core.transactions import transactional
from apps.notifications.models import NotificationType
from apps.notifications.services import notify
from apps.social import statements
from apps.social.errors import habit_not_found, no_hitches_remaining, no_valid_targets
from apps.social.statements import Ask, Scene


class Sent(NamedTuple):
    reminded: int
    remaining: int


@transactional
def send_hitches(*, sender_id: UUID, challenge_id: UUID, habit_id: UUID, target_user_ids: list[UUID]) -> Sent:
    """Reminds those of the targets who have not done the habit yet; costs one hitch, however many they are.

    Calls of one member come one after the other: the lock of the membership holds the quota, and what is logged.
    """
    ask = Ask(sender_id, challenge_id, habit_id)
    scene = statements.lock_scene(ask)
    if scene is None:
        raise access.stranger(challenge_id)
    _require_possible(scene)
    targets = statements.reachable(ask, set(target_user_ids))
    reminded = statements.spend(ask, scene, targets) if targets else []
    if not reminded:
        raise no_valid_targets(extra=_left(scene))
    _remind(ask, scene, reminded)
    return Sent(len(reminded), scene.hitches - 1)


def _require_possible(scene: Scene) -> None:
    if scene.member_status != MemberStatus.ACTIVE:
        raise not_a_member()
    if scene.habit is None:
        raise habit_not_found(extra=_left(scene))
    if scene.challenge.is_closed_on(scene.day):
        raise challenge_closed(extra=_left(scene))
    if scene.day < scene.challenge.start_date:
        raise challenge_not_started(date=scene.challenge.start_date, extra=_left(scene))
    if not scene.hitches:
        raise no_hitches_remaining(extra=_left(scene))


def _left(scene: Scene) -> dict[str, int]:
    """What a member is told beside a refusal, which costs nothing."""
    return {"remaining_hitches": scene.hitches}


def _remind(ask: Ask, scene: Scene, user_ids: list[UUID]) -> None:
    notify(
        user_ids,
        NotificationType.HITCH_REMINDER,
        title="Reminder to check in",
        body=f"{scene.sender} reminds you: '{scene.habit}' in '{scene.challenge.name}'.",
        data={
            "challenge_id": str(ask.challenge_id),
            "habit_id": str(ask.habit_id),
            "sender_id": str(ask.sender_id),
            "habit_name": scene.habit,
        },
        action_url=f"/challenges/{ask.challenge_id}",
    )
