"""The reads that are made again and again, compiled once: an ORM queryset each, in querysets.py."""

from typing import Any
from uuid import UUID

from django.db.models import CharField, DateTimeField, UUIDField

from apps.challenges.models import Challenge, ChallengeHabit, Habit, Membership, MemberStatus
from apps.challenges.querysets import DISCOVERED
from apps.core.compiled import Compiled, Pages
from apps.core.pagination import Rows

NEWEST = {"created_at": DateTimeField(), "id": UUIDField()}

_own = Pages(lambda user_id: Challenge.objects.for_list(user_id, None), order=NEWEST, user_id=UUIDField())
_own_of_status = Pages(Challenge.objects.for_list, order=NEWEST, user_id=UUIDField(), status=CharField())
_open = Pages(
    lambda viewer_id: Challenge.objects.for_discover(viewer_id, None, None), order=NEWEST, viewer_id=UUIDField()
)
_page = Compiled(lambda: Challenge.objects.for_discover_page(*DISCOVERED))
_page_of_status = Compiled(lambda status: Challenge.objects.for_discover_page(status), status=CharField())
_roles = Compiled(Membership.objects.for_roles, user_id=UUIDField())
_usable_habits = Compiled(lambda user_id: Habit.objects.for_list(user_id, None), user_id=UUIDField())
_own_habits = Compiled(Habit.objects.for_owner, user_id=UUIDField())
_challenge = Compiled(Challenge.objects.for_detail, challenge_id=UUIDField(), viewer_id=UUIDField())
_membership = Compiled(Challenge.objects.for_access, challenge_id=UUIDField(), viewer_id=UUIDField())
_members = Compiled(
    lambda challenge_id: Membership.objects.for_list(challenge_id, MemberStatus.ACTIVE), challenge_id=UUIDField()
)
# Counts check-ins: five of a small challenge or tens of thousands of a full one, which want different indexes.
_habits = Compiled(ChallengeHabit.objects.for_detail, is_skewed=True, challenge_id=UUIDField())


def own_challenges(user_id: UUID, status: str | None) -> Rows:
    """The user's challenges, newest first: those of one status, or all but the archived."""
    return _own_of_status.bind(user_id=user_id, status=status) if status else _own.bind(user_id=user_id)


def discovered(viewer_id: UUID, status: str | None, search: str | None) -> Rows:
    """Public challenges, newest first. Only the page that everybody opens first is compiled."""
    if status or search:
        return Challenge.objects.for_discover(viewer_id, status, search)
    return _open.bind(viewer_id=viewer_id)


def discover_page(status: str | None, page: int, limit: int) -> dict[str, Any]:
    """`{"rows", "total"}` of a page of public challenges, with nothing of the viewer."""
    bound = {"limit": limit, "offset": (page - 1) * limit}
    rows = _page_of_status.rows(status=status, **bound) if status else _page.rows(**bound)
    totals = [row.pop("total") for row in rows]
    if rows or page == 1:
        return {"rows": rows, "total": totals[0] if rows else 0}
    # Past the end no row tells how many there are.
    return {"rows": [], "total": discover_page(status, 1, 1)["total"]}


def roles(user_id: UUID) -> dict[str, tuple[str, str]]:
    """By challenge, the role and the status of everything the user is active or pending in."""
    return {str(challenge): (role, status) for challenge, role, status in _roles.tuples(user_id=user_id)}


def usable_habits(user_id: UUID) -> list[dict[str, Any]]:
    """System habits by id, then the user's own by creation."""
    return _usable_habits.rows(user_id=user_id)


def own_habits(user_id: UUID) -> list[dict[str, Any]]:
    """By creation: at most 100."""
    return _own_habits.rows(user_id=user_id)


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
