"""What the cache counts, by kind of entry: for /metrics, which adds the processes up, and for the log of each."""

import logging
import time
from functools import cache

from prometheus_client import Counter, Gauge

from apps.core import measured

logger = logging.getLogger("darezone.cache")
LOG_EVERY_SECONDS = 60
_next_line = 0.0

HITS = Counter("darezone_cache_hits", "Values served from the cache", ["kind"])
MISSES = Counter("darezone_cache_misses", "Values that had to be loaded", ["kind"])
FILLS = Counter("darezone_cache_fills", "Values stored", ["kind"])
WAITS = Counter("darezone_cache_waits", "Readers that took the value another thread was loading", ["kind"])
INVALIDATIONS = Counter("darezone_cache_invalidations", "Tokens expired by writes", ["kind"])
LOST = Counter("darezone_cache_lost_invalidations", "Tokens that could not be expired at once")
OPEN = Gauge("darezone_cache_breaker_open", "Processes that leave the cache server alone", multiprocess_mode="livesum")


def hit(kind: str) -> None:
    of_kind(HITS, kind).inc()
    measured.current.get().cache_hits += 1


def miss(kind: str) -> None:
    of_kind(MISSES, kind).inc()
    measured.current.get().cache_misses += 1


def trip(seconds: float) -> None:
    """A question to the cache server and its answer, or the wait for one that did not come."""
    cost = measured.current.get()
    cost.cache_trips += 1
    cost.cache_seconds += seconds


@cache
def of_kind(metric: Counter, kind: str) -> Counter:
    """Looking a series up by its label costs more than counting."""
    return metric.labels(kind)


def log_now_and_then() -> None:
    """One line a minute and process, while there is traffic."""
    global _next_line
    now = time.monotonic()
    if now >= _next_line:
        _next_line = now + LOG_EVERY_SECONDS
        logger.info("cache %s", " ".join(f"{name}={number:.0f}" for name, number in totals().items()))


def totals() -> dict[str, float]:
    """The numbers of this process since its start, all kinds together."""
    metrics = (HITS, MISSES, FILLS, WAITS, INVALIDATIONS, LOST, OPEN)
    return {metric._name.removeprefix("darezone_cache_"): total(metric) for metric in metrics}


def total(metric: Counter | Gauge) -> float:
    samples = [sample for family in metric.collect() for sample in family.samples]
    return sum(sample.value for sample in samples if not sample.name.endswith("_created"))
