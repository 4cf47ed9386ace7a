"""Writers and readers in several processes, counting reads that are older than a write that had been answered.

Some people are all in each other's challenges. One process gives a person, or a challenge, ever greater numbers as
names, and tells everybody a number once its write has answered. A reader notes the numbers, reads, and compares.
"""

import random
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import orjson
from django.db import connection, transaction
from django.test import RequestFactory
from django.urls import resolve

from apps.accounts.models import Session, User
from apps.accounts.services import sign_up, update_profile
from apps.challenges.models import Challenge, ChallengeHabit, Habit, Membership
from apps.challenges.services import create_challenge, edit_challenge, join_challenge
from apps.core import cache, clock
from apps.core.cache_numbers import HITS, MISSES, total
from apps.notifications.models import Notification

API = "/api/v1"
PEOPLE, READERS = 6, 3  # with the writer as many threads as a web process has
PAUSE_SECONDS = 0.005


class Counts(NamedTuple):
    reads: int = 0
    writes: int = 0
    stale: int = 0
    failed: int = 0
    hits: float = 0
    misses: float = 0


class World(NamedTuple):
    """Plain data, for every process: `users[i]` owns `challenges[i]` and has `tokens[i]`."""

    users: list[UUID]
    challenges: list[UUID]
    tokens: list[str]


class Soaker:
    """One process. `answered` holds the last answered number of each person, then of each challenge."""

    def __init__(self, world: World, answered: Any, *, number: int, processes: int):
        self.world, self.answered = world, answered
        self.mine = list(range(number, len(answered), processes))
        self.place = {str(id): len(world.users) + index for index, id in enumerate(world.challenges)}
        self.person = {str(id): index for index, id in enumerate(world.users)}
        self.counts: list[Counts] = []
        self.is_over = threading.Event()

    def run(self, seconds: float) -> Counts:
        self.ask("/users/me", self.world.tokens[0])  # what the first request of a process imports takes a second
        threads = [threading.Thread(target=self._live, args=(live,)) for live in (self.write, *[self.read] * READERS)]
        for thread in threads:
            thread.start()
        self.is_over.wait(seconds)
        self.is_over.set()
        for thread in threads:
            thread.join()
        return added(self.counts)._replace(hits=total(HITS), misses=total(MISSES))

    def _live(self, live) -> None:
        try:
            self.counts.append(added(live()))
        finally:
            connection.close()

    def write(self) -> Iterator[Counts]:
        while not self.is_over.wait(PAUSE_SECONDS):
            index = random.choice(self.mine)  # noqa: S311
            number = self.answered[index] + 1
            self._rename(index, str(number))
            self.answered[index] = number
            yield Counts(writes=1)

    def read(self) -> Iterator[Counts]:
        while not self.is_over.is_set():
            token, path = random.choice(self.world.tokens), self._path()  # noqa: S311
            least = list(self.answered)
            status, shown = self.ask(path, token)
            stale = any(number < least[index] for index, number in shown)
            yield Counts(reads=1, stale=stale, failed=status != 200)

    def ask(self, path: str, token: str) -> tuple[int, list[tuple[int, int]]]:
        """The status, and the number that is shown of each person and challenge."""
        view, args, kwargs = resolve(API + path.partition("?")[0])
        request = RequestFactory().get(API + path, headers={"Authorization": f"Bearer {token}"})
        answer = view(request, *args, **kwargs)
        found = orjson.loads(answer.content)
        rows = found.get("challenges", [found])
        return answer.status_code, list(self._numbers(rows)) if answer.status_code == 200 else []

    def _numbers(self, rows: list[dict[str, Any]]) -> Iterator[tuple[int, int]]:
        for row in rows:
            if row["id"] in self.place:
                yield self.place[row["id"]], int(row["name"])
            elif row["id"] in self.person:
                yield self.person[row["id"]], int(row["display_name"])

    def _path(self) -> str:
        other = random.choice(self.world.users)  # noqa: S311
        paths = ("/users/me", f"/users/{other}", "/challenges?limit=100", "/challenges/discover?limit=100")
        return random.choice(paths)  # noqa: S311

    def _rename(self, index: int, name: str) -> None:
        users, challenges = self.world.users, self.world.challenges
        if index < len(users):
            update_profile(user_id=users[index], display_name=name)
            return
        owner, id = users[index - len(users)], challenges[index - len(users)]
        edit_challenge(challenge_id=id, user_id=owner, today=clock.now().date(), changes={"name": name})


def added(counts) -> Counts:
    return Counts(*map(sum, zip(Counts(), *counts, strict=True)))


def make_world() -> World:
    """People with the name 0, each with a public challenge that all others have joined."""
    grants = [
        sign_up(email=f"soak-{uuid4().hex}@example.com", password=uuid4().hex, display_name="0") for _ in range(PEOPLE)
    ]
    users = [grant.user["id"] for grant in grants]
    today, habit = clock.now().date(), Habit.objects.filter(is_system=True).values_list("pk", flat=True)[0]
    challenges = [make_challenge(user, habit) for user in users]
    for id in challenges:
        for user in users:
            if user != users[challenges.index(id)]:
                join_challenge(challenge_id=id, user_id=user, today=today)
    return World(users, challenges, [grant.access for grant in grants])


def make_challenge(owner: UUID, habit: UUID) -> UUID:
    today = clock.now().date()
    return create_challenge(
        creator_id=owner,
        today=today,
        habit_ids=[habit],
        name="0",
        type="group",
        start_date=today,
        end_date=today + timedelta(days=30),
        max_members=PEOPLE,
        is_public=True,
    )


@transaction.atomic
def remove_world(world: World) -> None:
    """Everything that belongs to it, and what the cache has of it."""
    Notification.objects.filter(user__in=world.users).delete()
    Membership.objects.filter(challenge__in=world.challenges).delete()
    ChallengeHabit.objects.filter(challenge__in=world.challenges).delete()
    Challenge.objects.filter(pk__in=world.challenges).delete()
    Session.objects.filter(user__in=world.users).delete()
    User.objects.filter(pk__in=world.users).delete()
    cache.expire("t:discover", *(f"t:{kind}:{id.hex}" for kind in ("u", "ul", "n") for id in world.users))
