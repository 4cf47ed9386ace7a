"""Times in buckets that grow by a quarter: those of many processes add up. Percentiles are true to a tenth."""

import math
from collections.abc import Iterable

BUCKETS = 64
FIRST_MS, GROWTH = 0.1, 1.25
_LOG = math.log(GROWTH)


def bucket_of(milliseconds: float) -> int:
    """The first holds everything up to 0.1 ms, the last everything above two minutes."""
    if milliseconds <= FIRST_MS:
        return 0
    return min(1 + int(math.log(milliseconds / FIRST_MS) / _LOG), BUCKETS - 1)


def bounds(bucket: int) -> tuple[float, float]:
    """In milliseconds."""
    return (FIRST_MS * GROWTH ** (bucket - 1) if bucket else 0.0), FIRST_MS * GROWTH**bucket


def percentile(histogram: list[int], share: float) -> float:
    """Milliseconds that this share of the times does not exceed; 0 of none. Times are even inside a bucket."""
    left = share * sum(histogram)
    for bucket, count in enumerate(histogram):
        if count and left <= count:
            low, high = bounds(bucket)
            return low + (high - low) * left / count
        left -= count
    return 0.0


def added(histograms: Iterable[list[int]]) -> list[int]:
    return [sum(counts) for counts in zip(*histograms, strict=True)] or [0] * BUCKETS
