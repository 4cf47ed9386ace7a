"""The last quarter of a run beside its first: did the server grow, did it slow down?"""

from collections.abc import Sequence
from statistics import median
from typing import Any

from locustfiles.record import SETUP, Sample

# A server that leaks or slows down does both without end. Small steps are its allocator's and its caches' own.
MEGABYTES, MEMORY_SHARE = 30, 0.15
MILLISECONDS, TIME_SHARE = 15, 0.5
FEWEST = 200  # samples in a quarter


def between_quarters(samples: Sequence[Sample], memory: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """By name: the first quarter's and the last quarter's value."""
    known = sorted((sample.start, sample.ms) for sample in samples if not sample.route.startswith(SETUP))
    p95s = [percentile(quarter) for quarter in quarters(known) if len(quarter) >= FEWEST]
    sizes = [median(size for _, size in quarter) for quarter in quarters(list(memory)) if quarter]
    return {"p95_ms": p95s if len(p95s) == 2 else None, "memory_mb": sizes if len(sizes) == 2 else None}


def quarters(rows: list[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """The first and the last by time, not by number."""
    if not rows:
        return [[], []]
    begin, end = rows[0][0], rows[-1][0]
    quarter = (end - begin) / 4
    first = [row for row in rows if row[0] <= begin + quarter]
    return [first, [row for row in rows if row[0] >= end - quarter]]


def percentile(rows: list[tuple[float, float]]) -> float:
    times = sorted(ms for _, ms in rows)
    return round(times[-(-95 * len(times) // 100) - 1], 1)


def slower(found: dict[str, Any]) -> list[str]:
    return told(found["p95_ms"], "p95 of all requests", "ms", MILLISECONDS, TIME_SHARE)


def grown(found: dict[str, Any]) -> list[str]:
    return told(found["memory_mb"], "memory of the server", "MB", MEGABYTES, MEMORY_SHARE)


def unknown(found: dict[str, Any]) -> list[str]:
    return [f"{name} of the first and the last quarter: not known" for name, values in found.items() if not values]


def told(values: list[float] | None, what: str, unit: str, most: float, share: float) -> list[str]:
    """Nothing, unless the last value is far above the first."""
    if not values or values[1] <= values[0] + max(most, share * values[0]):
        return []
    return [f"{what} went from {values[0]:.0f} {unit} in the first quarter to {values[1]:.0f} {unit} in the last"]
