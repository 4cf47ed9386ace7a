"""What the performance page and its commands tell: routes, repeated statements, expensive and slow ones."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.core import clock
from apps.profiling import budgets
from apps.profiling.histogram import added, percentile
from apps.profiling.models import RouteCost, SlowStatement, StatementCost
from apps.profiling.suggestions import suggestion
from apps.profiling.sums import REPEATS, SLOT_SECONDS, RouteSum, slot_of

HOURS = (1, 6, 24)
MOST_POINTS = 48
FEW_CHARACTERS = 60
COLUMNS = ("slot", "method", "route", *RouteSum.__slots__)
ADDED = [name for name in RouteSum.__slots__ if name not in ("most_statements", "histogram")]


@dataclass(slots=True)
class RouteReport:
    """Means are of a request; times in milliseconds."""

    method: str
    route: str
    requests: int
    errors: int
    over_budget: int
    repeating: int
    total_ms: float
    share: float
    """Of the time of all routes."""
    mean_ms: float
    p50: float
    p95: float
    p99: float
    sql_ms: float
    cache_ms: float
    python_ms: float
    statements: float
    most_statements: int
    budget: int | None
    cache_hits: int
    cache_misses: int
    cache_trips: float
    rows: float
    bytes: float
    p95_by_time: list[float | None]
    """None where nobody asked."""

    @property
    def hit_ratio(self) -> float | None:
        asked = self.cache_hits + self.cache_misses
        return self.cache_hits / asked if asked else None


def since(hours: float) -> datetime:
    """The beginning of a slot, at least that long ago."""
    return slot_of(clock.now() - timedelta(hours=hours))


def routes(hours: float) -> list[RouteReport]:
    """By impact: those that took the most time together come first."""
    moment = since(hours)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in RouteCost.objects.for_report(moment).values_list(*COLUMNS)]
    by_route: dict[tuple[str, str], list[dict]] = {}
    for row in rows:
        by_route.setdefault((row["method"], row["route"]), []).append(row)
    everything = sum(row["ms"] for row in rows) or 1
    found = [route_report(*place, of_route, everything, points_of(moment)) for place, of_route in by_route.items()]
    return sorted(found, key=lambda report: -report.total_ms)


def route_report(method: str, route: str, rows: list[dict], everything: float, points: list[datetime]) -> RouteReport:
    total = {name: sum(row[name] for row in rows) for name in ADDED}
    histogram, requests = added(row["histogram"] for row in rows), total["requests"]

    def mean(name: str) -> float:
        return total[name] / requests

    return RouteReport(
        **{"method": method, "route": route, "requests": requests, "total_ms": total["ms"]},
        **{name: total[name] for name in ("errors", "over_budget", "repeating", "cache_hits", "cache_misses")},
        **{name: mean(name) for name in ("sql_ms", "cache_ms", "statements", "cache_trips", "rows", "bytes")},
        **{f"p{percent}": percentile(histogram, percent / 100) for percent in (50, 95, 99)},
        share=total["ms"] / everything,
        mean_ms=mean("ms"),
        python_ms=max(mean("ms") - mean("sql_ms") - mean("cache_ms"), 0.0),
        most_statements=max(row["most_statements"] for row in rows),
        budget=budgets.ceiling(method, route),
        p95_by_time=by_time(rows, points),
    )


def points_of(moment: datetime) -> list[datetime]:
    """The beginnings of equal times until now, at most MOST_POINTS."""
    slots = int((clock.now() - moment).total_seconds() // SLOT_SECONDS) + 1
    width = -(-slots // MOST_POINTS) * SLOT_SECONDS
    return [moment + timedelta(seconds=width * number) for number in range(-(-slots * SLOT_SECONDS // width))]


def by_time(rows: list[dict], points: list[datetime]) -> list[float | None]:
    width = (points[1] - points[0]) if len(points) > 1 else timedelta(seconds=SLOT_SECONDS)
    inside: list[list[list[int]]] = [[] for _ in points]
    for row in rows:
        place = (row["slot"] - points[0]) // width
        if 0 <= place < len(points):
            inside[place].append(row["histogram"])
    return [percentile(added(histograms), 0.95) if histograms else None for histograms in inside]


def statements(hours: float) -> list[dict[str, Any]]:
    """By statement and route, repeated ones first and then by time; with means, and a cure if it is repeated."""
    found = list(StatementCost.objects.for_report(since(hours), REPEATS))
    for row in found:
        row["shown"] = shortened(row["text"])
        row["mean_ms"], row["rows_each"] = row["ms"] / row["calls"], row["rows"] / row["calls"]
        row["is_repeated"] = row["most_repeats"] >= REPEATS
        row["suggestion"] = suggestion(row["text"]) if row["is_repeated"] else ""
    return found


def shortened(text: str) -> str:
    """What a statement is about: long lists of columns tell little."""
    columns, source, rest = text.partition(" FROM ")
    return (
        f"SELECT …{source}{rest}" if source and columns.startswith("SELECT") and len(columns) > FEW_CHARACTERS else text
    )


def repeated(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in found if row["is_repeated"]]


def expensive(found: list[dict[str, Any]], most: int = 30) -> list[dict[str, Any]]:
    return sorted(found, key=lambda row: -row["ms"])[:most]


def slow(hours: float) -> list[dict[str, Any]]:
    """The last of those over SLOW_QUERY_MS."""
    found = list(SlowStatement.objects.for_report(since(hours)))
    return [row | {"shown": shortened(row["text"])} for row in found]
