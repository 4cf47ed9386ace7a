"""Adds up what requests cost: by route and by statement, in slots of five minutes."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from apps.core.models import uuid7
from apps.profiling import budgets, fingerprints
from apps.profiling.histogram import BUCKETS, bucket_of

SLOT_SECONDS = 300
REPEATS = 5
"""As often as that in one request, and a statement is taken for an N+1."""
OF_KEY = 2
"""Statements that an Idempotency-Key may add (contract 9.2)."""
MOST_KEYS, MOST_SLOW = 5000, 200
FAILURE = 500
TOOLS = ("/silk/", "/__debug__/")
"""What looks at requests is none of them."""


# Notes are plain tuples, and are read as such: to name their parts would cost as much as to add them up.
Asked = tuple[Any, float, int]
"""A statement of a request: SQL, seconds, rows."""
Answered = tuple[str, str, str, int, bool, float, float, float, int, int, int, int | str, list[Asked] | None]
"""A request: method, route, request id, status, whether it has an Idempotency-Key, seconds in all, of SQL and of the
cache, hits, misses and round trips of the cache, bytes, statements."""


@dataclass(slots=True)
class RouteSum:
    """The columns of RouteCost behind its key, in its order."""

    requests: int = 0
    errors: int = 0
    over_budget: int = 0
    repeating: int = 0
    ms: float = 0
    sql_ms: float = 0
    cache_ms: float = 0
    statements: int = 0
    most_statements: int = 0
    cache_hits: int = 0
    cache_misses: int = 0
    cache_trips: int = 0
    rows: int = 0
    bytes: int = 0
    histogram: list[int] = field(default_factory=lambda: [0] * BUCKETS)

    def add(self, note: Answered) -> None:
        _, _, _, status, _, seconds, sql_seconds, cache_seconds, hits, misses, trips, size, _ = note
        ms = seconds * 1000
        self.requests += 1
        self.ms += ms
        self.histogram[bucket_of(ms)] += 1
        self.bytes += int(size)
        if trips:
            self.cache_ms += cache_seconds * 1000
            self.cache_hits += hits
            self.cache_misses += misses
            self.cache_trips += trips
        if sql_seconds:
            self.sql_ms += sql_seconds * 1000
        if status >= FAILURE:
            self.errors += 1

    def add_statements(self, statements: int, rows: int, repeats: bool, allowed: int | None) -> None:
        self.statements += statements
        self.rows += rows
        self.repeating += repeats
        self.most_statements = max(self.most_statements, statements)
        self.over_budget += allowed is not None and statements > allowed


@dataclass(slots=True)
class StatementSum:
    """The columns of StatementCost behind its key, in its order."""

    calls: int = 0
    requests: int = 0
    repeating: int = 0
    most_repeats: int = 0
    ms: float = 0
    most_ms: float = 0
    rows: int = 0

    def add(self, seconds: float, rows: int) -> None:
        ms = seconds * 1000
        self.calls += 1
        self.ms += ms
        self.rows += rows
        self.most_ms = max(self.most_ms, ms)

    def made(self, times: int) -> None:
        self.requests += 1
        self.repeating += times >= REPEATS
        self.most_repeats = max(self.most_repeats, times)


class Slow(NamedTuple):
    """The columns of SlowStatement in their order."""

    id: Any
    at: datetime
    fingerprint: str
    method: str
    route: str
    request_id: str
    ms: float


class Sums:
    def __init__(self):
        self.routes: dict[tuple, RouteSum] = {}
        self.statements: dict[tuple, StatementSum] = {}
        self.slow: list[Slow] = []
        self.texts: dict[str, fingerprints.Known] = {}
        self.dropped = 0
        """What found no room."""

    def add(self, notes: Iterable[Answered], now: datetime, slow_ms: float) -> None:
        slot = slot_of(now)
        for note in notes:
            if not note[1].startswith(TOOLS):
                self.add_request(note, slot, now, slow_ms / 1000)

    def add_request(self, note: Answered, slot: datetime, now: datetime, slow_seconds: float) -> None:
        method, route, request_id, status, has_key, *_, trace = note
        total = self.sum_of(self.routes, (slot, method, route), RouteSum) if status else None
        if total:
            total.add(note)
        if not trace:
            return
        times, rows = self.add_statements((slot, method, route), trace)
        if total:
            allowed = budgets.ceiling(method, route)
            most = None if allowed is None else allowed + OF_KEY * has_key
            total.add_statements(sum(times.values()), rows, max(times.values(), default=0) >= REPEATS, most)
        for sql, seconds, _ in trace:
            if seconds >= slow_seconds:
                self.add_slow(fingerprints.of(sql), (method, route, request_id), seconds, now)

    def add_statements(self, place: tuple[datetime, str, str], trace: list[Asked]) -> tuple[dict[str, int], int]:
        """Times of each, and the rows of all."""
        slot, method, route = place
        times: dict[str, int] = {}
        all_rows = 0
        for sql, seconds, rows in trace:
            known = fingerprints.of(sql)
            if known.is_control:
                continue
            name = known.fingerprint
            times[name] = times.get(name, 0) + 1
            all_rows += max(rows, 0)
            self.texts[name] = known
            if found := self.sum_of(self.statements, (slot, name, method, route), StatementSum):
                found.add(seconds, max(rows, 0))
        for name, count in times.items():
            if found := self.statements.get((slot, name, method, route)):
                found.made(count)
        return times, all_rows

    def add_slow(self, known: fingerprints.Known, place: tuple[str, str, str], seconds: float, now: datetime) -> None:
        if known.is_control:
            return
        if len(self.slow) < MOST_SLOW:
            self.slow.append(Slow(uuid7(), now, known.fingerprint, *place, seconds * 1000))
        else:
            self.dropped += 1

    def sum_of(self, sums: dict, key: tuple, kind: type) -> Any:
        """Keys are few; that they stay few whatever happens is for this to see to."""
        found = sums.get(key)
        if found is None:
            if len(sums) >= MOST_KEYS:
                self.dropped += 1
                return None
            found = sums[key] = kind()
        return found

    @property
    def is_empty(self) -> bool:
        return not (self.routes or self.statements or self.slow)


def slot_of(now: datetime) -> datetime:
    return datetime.fromtimestamp(now.timestamp() // SLOT_SECONDS * SLOT_SECONDS, UTC)


def row_of(key: tuple, total: RouteSum | StatementSum) -> tuple:
    return (*key, *astuple(total))
