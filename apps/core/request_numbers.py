"""Requests as /metrics counts them: by method, route and status."""

from functools import cache
from typing import NamedTuple

from prometheus_client import Counter, Histogram

from apps.core.measured import Measured

# The objectives are 50, 100 and 200 ms: each is a bound, so that the share below it is exact.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 5)
ROUTE = ["method", "route"]

# Its count is the number of requests: one more series for that would cost each request a microsecond and tell nothing.
SECONDS = Histogram("darezone_request_seconds", "Time to the answer", [*ROUTE, "status"], buckets=BUCKETS)
STATEMENTS = Counter("darezone_sql_statements", "SQL statements of requests", ROUTE)
SQL_SECONDS = Counter("darezone_sql_seconds", "Time requests waited for SQL", ROUTE)


class Series(NamedTuple):
    seconds: Histogram
    statements: Counter
    sql_seconds: Counter


def count(measured: Measured, method: str, route: str) -> None:
    series = series_of(method, route, measured.status)
    series.seconds.observe(measured.seconds)
    if measured.statements:
        series.statements.inc(measured.statements)
        series.sql_seconds.inc(measured.sql_seconds)


@cache
def series_of(method: str, route: str, status: int) -> Series:
    """Looking series up by their labels costs more than counting."""
    place = (method, route)
    return Series(SECONDS.labels(*place, status), STATEMENTS.labels(*place), SQL_SECONDS.labels(*place))
