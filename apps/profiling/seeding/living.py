"""Draws what the people of a world did, and gives everything its id. The same generator gives the same lives."""

from random import Random

from apps.challenges.models import INVITE_ALPHABET
from apps.profiling.seeding import days
from apps.profiling.seeding.calendar import HOUR
from apps.profiling.seeding.world import Friendship, Habit, Member, Person, World

VERSION_7 = (7 << 76) | (2 << 62)


class Ids:
    """UUIDv7 from a seeded generator: the instant, then 74 random bits."""

    def __init__(self, rng: Random):
        self.bits = rng.getrandbits

    def at(self, instant: int) -> str:
        key = f"{(instant * 1000 << 80) | VERSION_7 | (self.bits(12) << 64) | self.bits(62):032x}"
        return f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"


def live(world: World, rng: Random) -> None:
    for member in world.members:
        first, last = possible_days(world, member)
        chance = min(1.0, member.person.diligence * member.challenge.spirit)
        member.done = [some_of(first, last, chance, rng) for _ in member.challenge.habits]


def possible_days(world: World, member: Member) -> tuple[int, int]:
    challenge, calendar, zone = member.challenge, world.calendar, member.person.zone
    until = calendar.first_today(zone) - 1 if challenge.open_today else calendar.last_day(zone)
    if member.left is not None:
        until = min(until, member.left - 1)
    return max(challenge.start, member.joined), min(challenge.end, until)


def some_of(first: int, last: int, chance: float, rng: Random) -> int:
    return days.union(1 << day for day in range(first, last + 1) if rng.random() < chance)


def settle(world: World, rng: Random) -> None:
    """Sign-up days before the first deed, invite codes, and an id for everything but check-ins and notifications."""
    ids, codes = Ids(rng), set()
    for person in world.people:
        person.signed_up = sign_up_day(person, world, rng)
        person.id = ids.at(signed_up_at(world, person))
    for habit in world.habits:
        habit.id = ids.at(habit_created_at(world, habit))
    for challenge in world.challenges:
        challenge.id = ids.at(world.created_at(challenge))
        challenge.invite_code = new_code(codes, rng)
    for member in world.members:
        member.id = ids.at(world.joined_at(member))
    for friendship in world.friendships:
        meet(world, friendship, rng)
        friendship.id = ids.at(friendship.asked)


def meet(world: World, friendship: Friendship, rng: Random) -> None:
    """On a day after both had signed up, wherever they live, rather lately; answered within half a day."""
    first, last = max(friendship.requester.signed_up, friendship.addressee.signed_up) + 1, world.calendar.today - 1
    day = last - int((last - first + 1) * rng.random() ** 2)
    friendship.asked = world.calendar.midnight("UTC", day) + rng.randrange(12 * HOUR)
    if friendship.status != "pending":
        friendship.answered = friendship.asked + rng.randrange(HOUR // 60, 12 * HOUR)


def sign_up_day(person: Person, world: World, rng: Random) -> int:
    if not person.memberships:
        return rng.randrange(world.calendar.today - 60, world.calendar.today - 1)
    return max(0, min(member.joined for member in person.memberships) - rng.randrange(2, 30))


def signed_up_at(world: World, person: Person) -> int:
    return world.calendar.midnight(person.zone, person.signed_up) + 8 * HOUR + person.number % HOUR


def habit_created_at(world: World, habit: Habit) -> int:
    return world.calendar.midnight(habit.owner.zone, habit.created) + 3 * HOUR


def new_code(taken: set[str], rng: Random) -> str:
    code = "".join(rng.choices(INVITE_ALPHABET, k=6))
    if code in taken:
        return new_code(taken, rng)
    taken.add(code)
    return code
