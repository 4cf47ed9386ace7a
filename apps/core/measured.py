"""What a request costs, counted where it is spent: by the one execute wrapper and by the cache.

The log line, Server-Timing and /metrics read it when the request has been answered.
"""

import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from apps.core import slow_statements


class Measured:
    """One request, or all that belongs to none: `request` is None then."""

    status = 500
    """Until there is an answer."""
    seconds = 0.0
    statements = 0
    sql_seconds = 0.0
    cache_hits = cache_misses = cache_trips = 0
    cache_seconds = 0.0
    bytes: int | str = 0
    """Of the answer's body, as its header says it."""
    trace: list[tuple] | None = None
    """For whoever watches statements: what it notes of them."""

    def __init__(self, request: HttpRequest | None = None, request_id: str = "-"):
        self.request, self.request_id = request, request_id
        self.started = time.perf_counter()

    def stop(self) -> None:
        self.seconds = time.perf_counter() - self.started

    def server_timing(self) -> str:
        return (
            f"app;dur={self.seconds * 1000:.1f}, "
            f'db;dur={self.sql_seconds * 1000:.1f};desc="{self.statements} statements", '
            f'cache;dur={self.cache_seconds * 1000:.1f};desc="{self.cache_trips} round trips"'
        )


OUTSIDE = Measured()
CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK")
"""Transactions: the contract does not count them."""
# Told of each statement that has run, and of each request that has been answered: apps.profiling registers itself.
statement_watchers: list[Callable[[Measured, Any, float, dict], None]] = []
request_watchers: list[Callable[[Measured, str, str], None]] = []
current: ContextVar[Measured] = ContextVar("measured", default=OUTSIDE)


def count_statement(execute, sql: Any, params: Any, many: bool, context: dict) -> Any:
    """Each database connection has it as its first execute wrapper (darezone/postgresql)."""
    started = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        seconds = time.perf_counter() - started
        measured = current.get()
        measured.statements += not (isinstance(sql, str) and sql.startswith(CONTROL))
        measured.sql_seconds += seconds
        for watch in statement_watchers:
            watch(measured, sql, seconds, context)
        if seconds * 1000 >= settings.SLOW_QUERY_MS:
            slow_statements.report(sql, seconds, measured.request)
