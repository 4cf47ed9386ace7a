"""The notifications that the lives of a world would have caused (contract 3.11), as far as they have not expired."""

from collections.abc import Iterable, Iterator
from random import Random
from typing import NamedTuple

from django.conf import settings

from apps.core.numbers import percentage
from apps.profiling.seeding import days
from apps.profiling.seeding.calendar import HOUR
from apps.profiling.seeding.world import Challenge, Friendship, Member, Person, World

DAY = 24 * HOUR


class Message(NamedTuple):
    person: Person
    instant: int
    type: str
    title: str
    body: str
    data: dict
    action_url: str | None = None
    dedupe_key: str | None = None


class Letter(NamedTuple):
    """A message as it lies in the inbox."""

    message: Message
    read_at: int | None
    expires_at: int


def letters(world: World, rng: Random, *, others: Iterable[Message] = ()) -> list[Letter]:
    """Old messages are mostly read, those of the last two days mostly not. `others` come from elsewhere."""
    lifetime, end = settings.NOTIFICATION_EXPIRY_HOURS * HOUR, world.calendar.end
    kept = [message for message in (*messages(world), *others) if message.instant + lifetime > end + DAY]
    kept.sort(key=lambda message: message.instant)
    return [Letter(message, read_at(message.instant, end, rng), message.instant + lifetime) for message in kept]


def read_at(instant: int, end: int, rng: Random) -> int | None:
    chance = 0.85 if instant < end - 2 * DAY else 0.2
    later = instant + rng.randrange(60, 12 * HOUR)
    return later if rng.random() < chance and later < end else None


def messages(world: World) -> Iterator[Message]:
    for challenge in world.challenges:
        for member in challenge.members[1:]:
            yield from comings_and_goings(world, member)
        yield from started(world, challenge)
        yield from ended(world, challenge)
    for person in world.people:
        yield from milestones(world, person)
    for friendship in world.friendships:
        yield from asked_and_accepted(friendship)


def comings_and_goings(world: World, member: Member) -> Iterator[Message]:
    challenge, name = member.challenge, member.person.name
    data = {"challenge_id": challenge.id, "challenge_name": challenge.name, "user_id": member.person.id}
    told = {"data": data, "action_url": page_of(challenge)}
    body = f"{name} joined your challenge '{challenge.name}'."
    yield Message(challenge.creator, world.joined_at(member), "member_joined", "New member!", body, **told)
    if member.status == "left":
        body = f"{name} left your challenge '{challenge.name}'."
        yield Message(challenge.creator, world.left_at(member), "member_left", "Member left", body, **told)


def started(world: World, challenge: Challenge) -> Iterator[Message]:
    """When it was created before its first day and has begun: its creator starts it before anybody checks in."""
    if not challenge.created < challenge.start <= world.calendar.today:
        return
    instant = min(world.calendar.midnight(member.person.zone, challenge.start) for member in challenge.members) + 900
    for member in challenge.members[1:]:
        if world.joined_at(member) < instant and not (member.left and world.left_at(member) < instant):
            yield Message(
                member.person,
                instant,
                "challenge_started",
                "Challenge started!",
                f"'{challenge.name}' has started.",
                {"challenge_id": challenge.id},
                page_of(challenge),
                f"challenge_started:{challenge.id}",
            )


def ended(world: World, challenge: Challenge) -> Iterator[Message]:
    if not challenge.is_closed:
        return
    rate, status = percentage(challenge.rate, 100), "completed" if challenge.is_success else "failed"
    words = f"{rate:.2f}".rstrip("0").rstrip(".") + " %."
    title, body = ("Challenge completed!", f"'{challenge.name}' is completed: {words}")
    if status == "failed":
        title, body = ("Challenge ended", f"'{challenge.name}' has ended at {words}")
    for member in challenge.active_members:
        yield Message(
            member.person,
            closed_at(world, challenge),
            "challenge_completed",
            title,
            body,
            {"challenge_id": challenge.id, "status": status, "completion_rate": rate},
            page_of(challenge),
            f"challenge_completed:{challenge.id}",
        )


def milestones(world: World, person: Person) -> Iterator[Message]:
    lived = person.days
    for length in settings.STREAK_MILESTONES:
        for day in days.each(days.reaching(lived, length)):
            yield Message(
                person,
                first_check_in_at(world, person, day),
                "streak_milestone",
                f"{length}-day streak!",
                f"You checked in {length} days in a row.",
                {"streak": length},
                None,
                f"streak:{length}:{world.calendar.date(day)}",
            )


def asked_and_accepted(friendship: Friendship) -> Iterator[Message]:
    requester, addressee = friendship.requester, friendship.addressee
    body, data = f"{requester.name} sent you a friend request.", {"friendship_id": friendship.id}
    told = ("friend_request", "New friend request", body, data | {"requester_id": requester.id})
    yield Message(addressee, friendship.asked, *told)
    if friendship.status == "accepted":
        body = f"{addressee.name} accepted your friend request."
        told = ("friend_accepted", "Friend request accepted", body, data | {"user_id": addressee.id})
        yield Message(requester, friendship.answered, *told)


def first_check_in_at(world: World, person: Person, day: int) -> int:
    return min(
        world.checked_in_at(member, order, day)
        for member in person.memberships
        for order, done in enumerate(member.done)
        if done >> day & 1
    )


def closed_at(world: World, challenge: Challenge) -> int:
    """The closing job, once the last day is over in every zone."""
    return world.calendar.midnight("UTC", challenge.end + 2) + 900


def page_of(challenge: Challenge) -> str:
    return f"/challenges/{challenge.id}"
