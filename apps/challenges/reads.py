"""The reads that are made again and again, compiled once: an ORM queryset each, in querysets.py."""

from typing import Any, NamedTuple
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import CharField, DateTimeField, UUIDField

from apps.challenges.models import Challenge, ChallengeHabit, Habit, Membership, MemberStatus
from apps.challenges.querysets import CHANGED_COLUMNS, DISCOVERED
from apps.core.compiled import Call, Compiled, Pages, together
from apps.core.models import loaded
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
_by_id = Compiled(lambda pk: Challenge.objects.filter(pk=pk).for_change(), pk=UUIDField())
_by_code = Compiled(
    lambda invite_code: Challenge.objects.filter(invite_code=invite_code).for_change(), invite_code=CharField()
)
_standing = Compiled(Challenge.objects.for_standing, challenge_id=UUIDField(), user_id=UUIDField())
_active_role = Compiled(
    lambda challenge_id, user_id: Membership.objects.active().of(challenge_id, user_id).values_list("role"),
    challenge_id=UUIDField(),
    user_id=UUIDField(),
)
_present = Compiled(
    lambda challenge_id: Membership.objects.present().filter(challenge=challenge_id).values("user_id", "status"),
    challenge_id=UUIDField(),
)
_members = Compiled(
    lambda challenge_id: Membership.objects.for_list(challenge_id, MemberStatus.ACTIVE), challenge_id=UUIDField()
)
# Counts check-ins: five of a small challenge or tens of thousands of a full one, which want different indexes.
_habits = Compiled(ChallengeHabit.objects.for_detail, is_skewed=True, challenge_id=UUIDField())


class Standing(NamedTuple):
    """What a person is or was in a challenge. `id`, `role` and `status` are those of the membership, None for somebody
    who never had one; `present` are the users in whose lists the challenge is."""

    user_id: UUID
    id: UUID | None
    role: str | None
    status: str | None
    name: str
    present: list[UUID]


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


def challenge(challenge_id: UUID, viewer_id: UUID) -> Call:
    """The row of the detail, with the viewer's own statistics in `mine__...`."""
    return _challenge.call(challenge_id=challenge_id, viewer_id=viewer_id)


def membership(challenge_id: UUID, viewer_id: UUID) -> dict[str, Any] | None:
    """`my_role` and `my_status`, null for a stranger; None for an unknown challenge."""
    return _membership.row(challenge_id=challenge_id, viewer_id=viewer_id)


def lock(**which: Any) -> Challenge | None:
    """By `pk` or `invite_code`: with the columns of CHANGED_COLUMNS, locked until the transaction ends."""
    found = (_by_code if "invite_code" in which else _by_id).tuples(using=DEFAULT_DB_ALIAS, **which)
    return loaded(Challenge, CHANGED_COLUMNS, found[0]) if found else None


def standing(challenge_id: UUID, user_id: UUID) -> Standing:
    """In a locked challenge, so that nobody moves it meanwhile."""
    (found,) = _standing.tuples(using=DEFAULT_DB_ALIAS, challenge_id=challenge_id, user_id=user_id)
    return Standing(user_id, *found)


def active_role(challenge_id: UUID, user_id: UUID) -> str | None:
    return _active_role.value(using=DEFAULT_DB_ALIAS, challenge_id=challenge_id, user_id=user_id)


def present(challenge_id: UUID) -> list[dict[str, Any]]:
    """`user_id` and `status` of those in whose lists a challenge is: at most 50."""
    return _present.rows(using=DEFAULT_DB_ALIAS, challenge_id=challenge_id)


def members_and_habits(challenge_id: UUID, *others: Call) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Active members by the time they joined, at most 50, and habits with their counts, at most 4. In one round trip
    with the other calls."""
    members, habits = _members.call(challenge_id=challenge_id), _habits.call(challenge_id=challenge_id)
    together(*others, members, habits)
    return members.rows(), habits.rows()
