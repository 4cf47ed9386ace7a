"""A world as rows of the tables. Columns that are not named here get the default of their field."""

import json
from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import NamedTuple

from django.conf import settings
from django.db import models

from apps.accounts.models import User
from apps.challenges.models import Challenge, ChallengeHabit, Habit, Membership
from apps.checkins.models import CheckIn
from apps.core.numbers import percentage
from apps.notifications.models import Notification
from apps.profiling.seeding import days, hitches, inbox, living
from apps.profiling.seeding import world as made_up
from apps.profiling.seeding.calendar import stamp
from apps.profiling.seeding.check_ins import CHECK_IN, CheckInRows
from apps.profiling.seeding.world import World
from apps.social.models import Friendship, Hitch


class Table(NamedTuple):
    """Rows in the order of `columns`; `count` is how many there will be."""

    model: type[models.Model]
    columns: tuple[str, ...]
    rows: Iterable[tuple]
    count: int


def tables(world: World, password_hash: str, rng: Random) -> list[Table]:
    """In the order in which foreign keys allow them."""
    ids, calls = living.Ids(rng), hitches.calls(world, rng)
    letters = inbox.letters(world, rng, others=hitches.messages(calls))
    spent = Counter(call.sender.id for call in calls)
    links = [(challenge, order) for challenge in world.challenges for order in range(len(challenge.habits))]
    check_ins = sum(member.total for member in world.members)
    return [
        Table(User, USER, (user_row(world, person, password_hash) for person in world.people), len(world.people)),
        Table(Habit, HABIT, (habit_row(world, habit) for habit in world.habits), len(world.habits)),
        Table(Challenge, CHALLENGE, (challenge_row(world, one) for one in world.challenges), len(world.challenges)),
        Table(ChallengeHabit, LINK, (link_row(world, *link, ids) for link in links), len(links)),
        Table(Membership, MEMBER, (member_row(world, one, spent[one.id]) for one in world.members), len(world.members)),
        Table(CheckIn, CHECK_IN, CheckInRows(world, ids, rng), check_ins),
        Table(Friendship, FRIENDSHIP, map(friendship_row, world.friendships), len(world.friendships)),
        Table(Hitch, hitches.HITCH, hitches.rows(world, calls, ids), sum(len(call.targets) for call in calls)),
        Table(Notification, LETTER, (letter_row(letter, ids) for letter in letters), len(letters)),
    ]


USER = (
    *("id", "email", "password", "full_name", "display_name", "bio", "timezone", "day_floor", "last_checkin_date"),
    *("current_streak", "longest_streak", "total_check_ins", "points", "total_challenges_completed"),
    *("is_staff", "is_superuser", "created_at", "updated_at", "last_seen_at"),
)


def user_row(world: World, person: made_up.Person, password_hash: str) -> tuple:
    lived, mine = person.days, person.memberships
    last = world.calendar.date(days.last(lived)) if lived else None
    signed_up = living.signed_up_at(world, person)
    seen = max([signed_up, *filter(None, map(world.last_checkin_at, mine))])
    return (
        *(person.id, person.email, password_hash, person.full_name, person.name, person.bio, person.zone, last, last),
        *(days.current(lived), days.longest(lived), sum(one.total for one in mine), sum(one.points for one in mine)),
        *(sum(one.is_completed for one in mine), person.is_staff, person.is_staff),
        *(stamp(signed_up), stamp(seen), stamp(seen)),
    )


HABIT = ("id", "name", "icon", "category", "created_by_id", "created_at")


def habit_row(world: World, habit: made_up.Habit) -> tuple:
    created = stamp(living.habit_created_at(world, habit))
    return (habit.id, habit.name, habit.icon, habit.category, habit.owner.id, created)


CHALLENGE = (
    *("id", "name", "description", "type", "status", "checkin_type", "start_date", "end_date", "max_members"),
    *("member_count", "require_evidence", "is_public", "invite_code", "current_streak", "last_checkin_date"),
    *("completion_rate", "created_by_id", "created_at", "updated_at"),
)


def challenge_row(world: World, one: made_up.Challenge) -> tuple:
    lived, date = one.days, world.calendar.date
    rate = percentage(one.rate, 100) if one.is_closed else None
    return (
        *(one.id, one.name, one.description, one.type, one.status, one.checkin_type, date(one.start), date(one.end)),
        *(one.max_members, len(one.active_members), one.require_evidence, one.is_public, one.invite_code),
        *(days.current(lived), date(days.last(lived)) if lived else None, rate, one.creator.id),
        *(stamp(world.created_at(one)), stamp(changed_at(world, one))),
    )


def changed_at(world: World, one: made_up.Challenge) -> int:
    if one.is_closed:
        return inbox.closed_at(world, one)
    moments = [moment for member in one.members for moment in (world.joined_at(member), world.left_at(member))]
    return max(filter(None, [*moments, *map(world.last_checkin_at, one.members)]))


LINK = ("id", "challenge_id", "habit_id", "display_order", "created_at")


def link_row(world: World, one: made_up.Challenge, order: int, ids: living.Ids) -> tuple:
    created = world.created_at(one)
    return (ids.at(created), one.id, one.habits[order].id, order, stamp(created))


MEMBER = (
    *("id", "challenge_id", "user_id", "role", "status", "current_streak", "longest_streak", "total_checkins"),
    *("points_earned", "kept_points", "hitch_count", "is_completed", "joined_at", "left_at"),
    *("last_checkin_at", "last_checkin_date"),
)


def member_row(world: World, one: made_up.Member, spent: int) -> tuple:
    lived, left, last = one.days, world.left_at(one), world.last_checkin_at(one)
    return (
        *(one.id, one.challenge.id, one.person.id, one.role, one.status, days.current(lived), days.longest(lived)),
        *(one.total, one.points, one.kept_points, settings.DEFAULT_HITCH_COUNT - spent, one.is_completed),
        *(stamp(world.joined_at(one)), stamp(left) if left else None, stamp(last) if last else None),
        world.calendar.date(days.last(lived)) if lived else None,
    )


FRIENDSHIP = ("id", "requester_id", "addressee_id", "status", "accepted_at", "created_at", "updated_at")


def friendship_row(one: made_up.Friendship) -> tuple:
    accepted = stamp(one.answered) if one.status == "accepted" else None
    asked, changed = stamp(one.asked), stamp(one.answered or one.asked)
    return (one.id, one.requester.id, one.addressee.id, one.status, accepted, asked, changed)


LETTER = (
    *("id", "user_id", "type", "title", "body", "data", "action_url", "is_read", "read_at", "dedupe_key"),
    *("created_at", "expires_at"),
)


def letter_row(letter: inbox.Letter, ids: living.Ids) -> tuple:
    message, read_at = letter.message, letter.read_at
    return (
        *(ids.at(message.instant), message.person.id, message.type, message.title, message.body),
        *(json.dumps(message.data), message.action_url, read_at is not None, stamp(read_at) if read_at else None),
        *(message.dedupe_key, stamp(message.instant), stamp(letter.expires_at)),
    )
