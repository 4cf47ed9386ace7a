"""Response times in buckets of one millisecond. Locust's own statistics round 195-204 ms to 200."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable

from locustfiles.intervals import rank
from locustfiles.record import Sample


class Timings:
    """Every time counts as the next whole millisecond, so that 200.1 is over 200."""

    def __init__(self, times: Iterable[float] = ()):
        self.buckets = Counter(map(math.ceil, times))

    def __len__(self) -> int:
        return self.buckets.total()

    def percentile(self, percent: float) -> int | None:
        """The nearest rank: the smallest time that at least `percent` of all samples do not exceed."""
        return self.at(rank(len(self), percent))

    def at(self, place: int) -> int | None:
        """The `place`th fastest, from 1; None when there are not so many."""
        seen = 0
        for bucket in sorted(self.buckets):
            seen += self.buckets[bucket]
            if seen >= place:
                return bucket
        return None

    def slowest(self) -> int | None:
        return max(self.buckets, default=None)


def by_route(samples: Iterable[Sample]) -> dict[str, list[Sample]]:
    found: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        found[sample.route].append(sample)
    return dict(found)


def timings(samples: Iterable[Sample]) -> Timings:
    return Timings(sample.ms for sample in samples)
