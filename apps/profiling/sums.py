"""Adds up what requests cost: by route and by statement, in slots of five minutes."""

from collections import Counter
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
NOWHERE = ("-", "-")
TOOLS = ("/silk/", "/__debug__/")
"""What looks at requests is none of them."""


class Asked(NamedTuple):
    """A statement of a request."""

    sql: Any
    seconds: float
    rows: int


class Answered(NamedTuple):
    """A request."""

    method: str
    route: str
    request_id: str
    status: int
    has_key: bool
    seconds: float
    sql_seconds: float
    cache_seconds: float
    cache_hits: int
    cache_misses: int
    cache_trips: int
    bytes: int | str
    trace: list[Asked]


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

    def add(self, request: Answered, statements: int, rows: int, repeats: bool) -> None:
        ms = request.seconds * 1000
        self.requests += 1
        self.errors += request.status >= 500
        self.repeating += repeats
        self.ms += ms
        self.sql_ms += request.sql_seconds * 1000
        self.cache_ms += request.cache_seconds * 1000
        self.cache_hits += request.cache_hits
        self.cache_misses += request.cache_misses
        self.cache_trips += request.cache_trips
        self.bytes += int(request.bytes)
        self.histogram[bucket_of(ms)] += 1
        if statements:
            self.statements += statements
            self.rows += rows
            self.most_statements = max(self.most_statements, statements)
            allowed = budgets.ceiling(request.method, request.route)
            self.over_budget += allowed is not None and statements > allowed + OF_KEY * request.has_key


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

    def add(self, requests: Iterable[Answered], now: datetime, slow_ms: float) -> None:
        slot = slot_of(now)
        for request in requests:
            if not request.route.startswith(TOOLS):
                self.add_request(request, slot, now, slow_ms)

    def add_request(self, request: Answered, slot: datetime, now: datetime, slow_ms: float) -> None:
        times: Counter[str] = Counter()
        rows = 0
        for asked in request.trace:
            known = fingerprints.of(asked.sql)
            if known.is_control:
                continue
            read = max(asked.rows, 0)
            times[known.fingerprint] += 1
            rows += read
            self.add_statement(known, (slot, known.fingerprint, *request[:2]), asked.seconds, read)
            if asked.seconds * 1000 >= slow_ms:
                self.add_slow(known, request, asked.seconds, now)
        for name, count in times.items():
            if found := self.statements.get((slot, name, *request[:2])):
                found.made(count)
        if request[:2] != NOWHERE or request.status:
            repeats = any(count >= REPEATS for count in times.values())
            if route := self.sum_of(self.routes, (slot, *request[:2]), RouteSum):
                route.add(request, times.total(), rows, repeats)

    def add_statement(self, known: fingerprints.Known, key: tuple, seconds: float, rows: int) -> None:
        self.texts[known.fingerprint] = known
        if found := self.sum_of(self.statements, key, StatementSum):
            found.add(seconds, rows)

    def add_slow(self, known: fingerprints.Known, request: Answered, seconds: float, now: datetime) -> None:
        if len(self.slow) < MOST_SLOW:
            place = (request.method, request.route, request.request_id)
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
