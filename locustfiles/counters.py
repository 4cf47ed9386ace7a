"""What /metrics counted in the measured window: the difference of two readings."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from locustfiles.objectives import plain

LINE = re.compile(r"(darezone_\w+)(?:\{(.*)\})? (\S+)")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
LEFT_OUT = ("_bucket", "_created")
Counters = dict[str, float]  # by series, as it is written in /metrics


class Sql(NamedTuple):
    requests: float
    statements: float
    seconds: float

    @property
    def each(self) -> float:
        return self.statements / self.requests


def parse(text: str) -> Counters:
    """Ours, without the buckets."""
    found = (LINE.fullmatch(line) for line in text.splitlines())
    return {
        match[0].rpartition(" ")[0]: float(match[3]) for match in found if match and not match[1].endswith(LEFT_OUT)
    }


def between(counters: dict[str, Counters]) -> Counters:
    """`after` minus `before`; empty when one of them is missing."""
    before, after = counters.get("before") or {}, counters.get("after") or {}
    if not before or not after:
        return {}
    return {series: value - before.get(series, 0) for series, value in after.items()}


def of(counted: Counters, name: str) -> Iterator[tuple[dict[str, str], float]]:
    for series, value in counted.items():
        if series.partition("{")[0] == name:
            yield dict(LABEL.findall(series.partition("{")[2])), value


def total(counted: Counters, name: str) -> float:
    return sum(value for _, value in of(counted, name))


def sql(counted: Counters) -> dict[str, Sql]:
    """By method and route, without their parameters' names; every request the server has answered, set-up included."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    names = ("darezone_request_seconds_count", "darezone_sql_statements_total", "darezone_sql_seconds_total")
    for place, name in enumerate(names):
        for labels, value in of(counted, name):
            sums[plain(f"{labels['method']} {labels['route']}")][place] += value
    return {route: Sql(*found) for route, found in sums.items() if found[0] and "/api/" in route}


def hit_ratio(counted: Counters) -> float | None:
    hits, misses = total(counted, "darezone_cache_hits_total"), total(counted, "darezone_cache_misses_total")
    return hits / (hits + misses) if hits + misses else None


def pool_waits(counted: Counters) -> tuple[float, float]:
    """How many, and seconds."""
    return total(counted, "darezone_db_pool_waits_total"), total(counted, "darezone_db_pool_wait_seconds_total")


def build(counters: Counters) -> dict[str, str]:
    """What the server says of itself. Workers that differ leave more than one word for a fact, and none of them."""
    told: dict[str, set[str]] = defaultdict(set)
    for labels, _ in of(counters, "darezone_build_info"):
        for fact, word in labels.items():
            told[fact].add(word)
    return {fact: " and ".join(sorted(words)) for fact, words in told.items()}
