"""After a write has answered, every read that begins later sees it: checked in every order of the steps of readers and
writers. The checks say what they saw, so that a seeded bug can be asked whether it shows."""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any, NamedTuple

from django.conf import settings

from apps import testing
from apps.accounts.models import User
from apps.profiling.tests.interleaving import Actor, orders, stage

# What a reader does (tokens, database, store) and what a writer does (commit, expire) in their steps; and which steps
# touch something in common: the order of two others makes no difference to anybody.
READER, WRITER = "TDS", "CX"
TOUCHING = {frozenset(pair) for pair in ("TX", "DC", "TS", "S", "C")}


class Reading:
    """What a GET by someone answers: its body, or a part of its JSON."""

    def __init__(self, user: User, path: str, find: Callable[[Any], Any] | None = None):
        self.api, self.path, self.find = testing.Api(user), path, find

    def __call__(self) -> Any:
        answer = self.api.get(self.path)
        return self.find(answer.json()) if self.find else answer.content

    def enter(self) -> None:
        """Brings the principal into the cache, and nothing else."""
        self.api.get("/notifications")


class Case(NamedTuple):
    """One read, and a write that changes what it shows. The write gets a number, another one each time.

    `commits` is how many transactions the write makes.
    """

    name: str
    read: Callable[[], Any]
    write: Callable[[int], Any]
    prepare: Callable[[int], Any] = lambda number: None
    commits: int = 1


def stale_reads(case: Case) -> list[str]:
    """What one reader and one writer show that is older than an answered write, in all orders of their steps."""
    found, number = [], 0
    with stage(readers=1, writers=1) as ((reader,), (writer,)):
        for is_warm in (False, True):
            for order in orders(steps_of(case, reader, is_warm=is_warm), 2 * case.commits + 1):
                number += 1
                case.prepare(number)
                begin_anew(case.read, is_warm=is_warm)
                late = play(case, reader, writer, order, number, is_warm)
                truth = uncached(case.read)
                wrong = [late and reader.result != truth, case.read() != truth]
                found += [f"{case.name} {'warm' if is_warm else 'cold'} {order}"] if any(wrong) else []
    return found


def steps_of(case: Case, reader: Actor, *, is_warm: bool) -> int:
    """How many steps the read has, made alone."""
    case.prepare(0)
    begin_anew(case.read, is_warm=is_warm)
    reader.begin(case.read)
    count = 0
    while not reader.is_done:
        reader.step()
        count += 1
    return count


def play(case: Case, reader: Actor, writer: Actor, order: tuple[int, ...], number: int, is_warm: bool) -> bool:
    """True when the reader began after the writer had answered."""
    reader.begin(case.read)
    writer.begin(lambda: case.write(number))
    late = None
    for actor in order:
        if actor == 0 and late is None:
            late = writer.is_done
        (reader, writer)[actor].step()
    assert is_warm or (writer.is_done and (reader.is_done or late)), (
        "there are more steps than the orders that were tried"
    )
    finish([writer, reader])
    return bool(late)


def stale_versions(read: Callable[[], int], write: Callable[[int], Any]) -> list[str]:
    """The same for two readers and two writers of a number that grows."""
    found, version = [], 0
    with stage(readers=2, writers=2) as (readers, writers):
        for order in distinct_orders():
            begin_anew(read, is_warm=False)
            wrong = play_versions(read, write, readers, writers, order, version)
            version += 2
            found += [str(order)] if wrong or read() != version else []
    return found


def play_versions(read, write, readers: list[Actor], writers: list[Actor], order, version: int) -> bool:
    company, least = [*readers, *writers], {}
    for reader in readers:
        reader.begin(read)
    for number, writer in enumerate(writers, 1):
        writer.begin(lambda number=number: write(version + number))
    for actor in order:
        if actor < 2 and actor not in least:
            answered = [version + number for number, writer in enumerate(writers, 1) if writer.is_done]
            least[actor] = max(answered, default=0)
        company[actor].step()
    assert all(actor.is_done for actor in company), "there are more steps than the orders that were tried"
    finish(company)
    return any(reader.result < least[number] for number, reader in enumerate(readers))


def distinct_orders() -> Iterator[tuple[int, ...]]:
    """One order for all that differ only in who of two equals is who, or in steps that touch nothing in common. The
    first writer commits first."""
    seen = set()
    for order in orders(len(READER), len(READER), len(WRITER), len(WRITER)):
        if order.index(2) < order.index(3):
            meaning = min(essence(order, (0, 1)), essence(order, (1, 0)))
            if meaning not in seen:
                seen.add(meaning)
                yield order


def essence(order: tuple[int, ...], names: tuple[int, int]) -> tuple:
    """Which of any two steps that touch something in common comes first."""
    taken, steps = [0] * 4, []
    for actor in order:
        kind = (READER if actor < 2 else WRITER)[taken[actor]]
        steps.append((kind, names[actor] if actor < 2 else actor))
        taken[actor] += 1
    return tuple(sorted(pair for pair in combinations(steps, 2) if frozenset((pair[0][0], pair[1][0])) in TOUCHING))


def finish(actors: list[Actor]) -> None:
    for actor in actors:
        while not actor.is_done:
            actor.step()
        if isinstance(actor.result, BaseException):
            raise actor.result


def begin_anew(read: Callable, *, is_warm: bool) -> None:
    """Nothing is cached but the principal, or all that the read wants."""
    testing.forget()
    if is_warm:
        read()
    elif isinstance(read, Reading):
        read.enter()


def uncached(read: Callable) -> Any:
    settings.CACHE_ENABLED = False
    try:
        return read()
    finally:
        settings.CACHE_ENABLED = True
