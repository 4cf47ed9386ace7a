"""Who reminded whom in the lives of a world: members who had not done a habit by the evening (contract 3.9)."""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from django.conf import settings

from apps.profiling.seeding.calendar import HOUR, stamp
from apps.profiling.seeding.inbox import Message, page_of
from apps.profiling.seeding.living import Ids
from apps.profiling.seeding.world import Member, World

EVENING = 20 * HOUR
MOST_CALLS, MOST_TARGETS = 2, 3
HITCH = ("id", "challenge_id", "habit_id", "sender_id", "target_id", "hitch_date", "created_at")


class Call(NamedTuple):
    """One hitch that `sender` spent on a day of their own, for the habit at `order`."""

    sender: Member
    order: int
    day: int
    instant: int
    targets: list[Member]


def calls(world: World, rng: Random) -> list[Call]:
    """One member in eight has spent one hitch, or both, each on another day. In the order of time."""
    found = []
    for member in world.members:
        if len(member.challenge.members) > 1 and rng.random() < 1 / 8:
            found += calls_of(world, member, rng)
    return sorted(found, key=lambda call: call.instant)


def calls_of(world: World, sender: Member, rng: Random) -> Iterator[Call]:
    """Nothing of the last two days: an evening in the far west comes when UTC has the next day."""
    challenge, calendar = sender.challenge, world.calendar
    first = max(challenge.start, sender.joined + 1)
    last = min(challenge.end, calendar.today - 2, sender.left - 1 if sender.left else calendar.today)
    number = min(rng.randint(1, MOST_CALLS), settings.DEFAULT_HITCH_COUNT, last - first + 1)
    for day in rng.sample(range(first, last + 1), max(number, 0)):
        order, instant = rng.randrange(len(challenge.habits)), calendar.midnight(sender.person.zone, day) + EVENING
        idle = [
            member for member in challenge.members if member is not sender and is_idle(world, member, order, instant)
        ]
        if idle:
            yield Call(sender, order, day, instant, rng.sample(idle, min(len(idle), rng.randint(1, MOST_TARGETS))))


def is_idle(world: World, member: Member, order: int, instant: int) -> bool:
    """There at that time, and without that habit on the whole of their day."""
    left = world.left_at(member)
    if world.joined_at(member) >= instant or left and left <= instant:
        return False
    return not member.done[order] >> world.calendar.local_day(member.person.zone, instant) & 1


def rows(world: World, found: list[Call], ids: Ids) -> Iterator[tuple]:
    for sender, order, day, instant, targets in found:
        challenge, date = sender.challenge, world.calendar.date(day)
        for target in targets:
            habit, people = challenge.habits[order], (sender.person.id, target.person.id)
            yield (ids.at(instant), challenge.id, habit.id, *people, date, stamp(instant))


def messages(found: list[Call]) -> Iterator[Message]:
    for sender, order, _, instant, targets in found:
        challenge, habit = sender.challenge, sender.challenge.habits[order]
        body = f"{sender.person.name} reminds you: '{habit.name}' in '{challenge.name}'."
        ids = {"challenge_id": challenge.id, "habit_id": habit.id, "sender_id": sender.person.id}
        for target in targets:
            told = {"data": ids | {"habit_name": habit.name}, "action_url": page_of(challenge)}
            yield Message(target.person, instant, "hitch_reminder", "Reminder to check in", body, **told)
