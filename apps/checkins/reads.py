"""The reads that are made again and again, compiled once: an ORM queryset each, in querysets.py."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import DateField, DateTimeField, UUIDField

from apps.challenges.models import ChallengeHabit, Membership
from apps.checkins.models import CheckIn
from apps.checkins.querysets import REMOVAL_COLUMNS
from apps.core.compiled import Bound, Compiled, Pages
from apps.core.models import loaded

_newest = {"checkin_date": DateField(), "created_at": DateTimeField(), "id": UUIDField()}
_own = Pages(
    lambda user_id: CheckIn.objects.for_list(user_id, None),
    order=_newest,
    count=lambda user_id: CheckIn.objects.of_user(user_id, None),
    user_id=UUIDField(),
)
_own_of_challenge = Pages(
    CheckIn.objects.for_list,
    order=_newest,
    count=CheckIn.objects.of_user,
    user_id=UUIDField(),
    challenge_id=UUIDField(),
)
_feed = Pages(
    lambda challenge_id: CheckIn.objects.for_feed(challenge_id, None), order=_newest, challenge_id=UUIDField()
)
_feed_of_day = Pages(CheckIn.objects.for_feed, order=_newest, challenge_id=UUIDField(), day=DateField())
_check_in = Compiled(CheckIn.objects.for_reader, check_in_id=UUIDField(), user_id=UUIDField())
_removed = Compiled(CheckIn.objects.for_removal, check_in_id=UUIDField())
_days_of_member = Compiled(CheckIn.objects.days_of_member, challenge_id=UUIDField(), user_id=UUIDField())
_on_day = Compiled(
    lambda user_id, day: CheckIn.objects.of_user_on(user_id, day).values_list("pk"),
    user_id=UUIDField(),
    day=DateField(),
)
_members = Compiled(Membership.objects.for_board, challenge_id=UUIDField())
_habits = Compiled(ChallengeHabit.objects.for_board, challenge_id=UUIDField())
_of_day = Compiled(CheckIn.objects.of_day, challenge_id=UUIDField(), day=DateField())


def own_check_ins(user_id: UUID, challenge_id: UUID | None) -> Bound:
    """A user's own check-ins, newest first, in all challenges or in one."""
    if challenge_id:
        return _own_of_challenge.bind(user_id=user_id, challenge_id=challenge_id)
    return _own.bind(user_id=user_id)


def feed(challenge_id: UUID, day: date | None) -> Bound:
    """What anybody did in a challenge, newest first, on every day or on one."""
    if day:
        return _feed_of_day.bind(challenge_id=challenge_id, day=day)
    return _feed.bind(challenge_id=challenge_id)


def check_in(check_in_id: UUID, user_id: UUID) -> dict[str, Any] | None:
    """One check-in, with `may_read`."""
    return _check_in.row(check_in_id=check_in_id, user_id=user_id)


def for_removal(check_in_id: UUID) -> CheckIn | None:
    """With REMOVAL_COLUMNS."""
    found = _removed.tuples(using=DEFAULT_DB_ALIAS, check_in_id=check_in_id)
    return loaded(CheckIn, REMOVAL_COLUMNS, found[0]) if found else None


def days_of_member(challenge_id: UUID, user_id: UUID) -> dict[date, datetime]:
    """Each day of a member in a challenge, with the time of its last check-in: at most 366."""
    return dict(_days_of_member.tuples(using=DEFAULT_DB_ALIAS, challenge_id=challenge_id, user_id=user_id))


def has_check_in_on(user_id: UUID, day: date) -> bool:
    """In whatever challenge."""
    return bool(_on_day.tuples(using=DEFAULT_DB_ALIAS, user_id=user_id, day=day, limit=1))


def board_members(challenge_id: UUID) -> list[dict[str, Any]]:
    """Active members by the time they joined: user_id, name, avatar_url."""
    return _members.rows(challenge_id=challenge_id)


def board_habits(challenge_id: UUID) -> list[dict[str, Any]]:
    """The habits in their order: habit_id, name, icon, the custom ones where they are set."""
    return _habits.rows(challenge_id=challenge_id)


def check_ins_of_day(challenge_id: UUID, day: date) -> list[dict[str, Any]]:
    return _of_day.rows(challenge_id=challenge_id, day=day)
