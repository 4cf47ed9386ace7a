"""The reads that are made again and again, compiled once: an ORM queryset each, in querysets.py."""

from typing import Any
from uuid import UUID

from django.db.models import CharField, DateTimeField, UUIDField

from apps.challenges.models import Challenge, ChallengeHabit, Membership, MemberStatus
from apps.core.compiled import Compiled, Pages
from apps.core.pagination import Rows

NEWEST = {"created_at": DateTimeField(), "id": UUIDField()}

_own = Pages(lambda user_id: Challenge.objects.for_list(user_id, None), order=NEWEST, user_id=UUIDField())
_own_of_status = Pages(Challenge.objects.for_list, order=NEWEST, user_id=UUIDField(), status=CharField())
_open = Pages(
    lambda viewer_id: Challenge.objects.for_discover(viewer_id, None, None), order=NEWEST, viewer_id=UUIDField()
)
_challenge = Compiled(Challenge.objects.for_detail, challenge_id=UUIDField(), viewer_id=UUIDField())
_membership = Compiled(Challenge.objects.for_access, challenge_id=UUIDField(), viewer_id=UUIDField())
_members = Compiled(
    lambda challenge_id: Membership.objects.for_list(challenge_id, MemberStatus.ACTIVE), challenge_id=UUIDField()
)
_habits = Compiled(ChallengeHabit.objects.for_detail, challenge_id=UUIDField())


def own_challenges(user_id: UUID, status: str | None) -> Rows:
    """The user's challenges, newest first: those of one status, or all but the archived."""
    return _own_of_status.bind(user_id=user_id, status=status) if status else _own.bind(user_id=user_id)


def discovered(viewer_id: UUID, status: str | None, search: str | None) -> Rows:
    """Public challenges, newest first. Only the page that everybody opens first is compiled."""
    if status or search:
        return Challenge.objects.for_discover(viewer_id, status, search)
    return _open.bind(viewer_id=viewer_id)


def challenge(challenge_id: UUID, viewer_id: UUID) -> dict[str, Any] | None:
    """The row of the detail, with the viewer's own statistics in `mine__...`."""
    return _challenge.row(challenge_id=challenge_id, viewer_id=viewer_id)


def membership(challenge_id: UUID, viewer_id: UUID) -> dict[str, Any] | None:
    """`my_role` and `my_status`, null for a stranger; None for an unknown challenge."""
    return _membership.row(challenge_id=challenge_id, viewer_id=viewer_id)


def members(challenge_id: UUID) -> list[dict[str, Any]]:
    """Active members by the time they joined: at most 50."""
    return _members.rows(challenge_id=challenge_id)


def habits(challenge_id: UUID) -> list[dict[str, Any]]:
    """The habits of a challenge with their counts: at most 4."""
    return _habits.rows(challenge_id=challenge_id)
