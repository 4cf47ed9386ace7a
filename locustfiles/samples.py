"""Response times in buckets of one millisecond. Locust's own statistics round 195-204 ms to 200."""

import math
from collections import Counter, defaultdict
from fractions import Fraction


class Timings:
    """Every time counts as the next whole millisecond, so that 200.1 is over 200."""

    def __init__(self):
        self.buckets: Counter[int] = Counter()

    def __len__(self) -> int:
        return self.buckets.total()

    def add(self, milliseconds: float) -> None:
        self.buckets[math.ceil(milliseconds)] += 1

    def percentile(self, percent: int) -> int | None:
        """The nearest rank: the smallest time that at least `percent` of all samples do not exceed."""
        rank, seen = math.ceil(Fraction(percent * len(self), 100)), 0
        for bucket in sorted(self.buckets):
            seen += self.buckets[bucket]
            if seen >= rank:
                return bucket
        return None


class Samples:
    """Times, failures and their reasons by request name."""

    def __init__(self):
        self.timings: dict[str, Timings] = defaultdict(Timings)
        self.failures: Counter[str] = Counter()
        self.errors: Counter[tuple[str, str]] = Counter()

    def add(self, name: str, milliseconds: float) -> None:
        self.timings[name].add(milliseconds)

    def fail(self, name: str, reason: str) -> None:
        self.failures[name] += 1
        self.errors[name, reason] += 1

    def forget_timings(self, names: set[str]) -> None:
        """The warm-up is over. Its failures stay: a request that fails while warming up has failed somebody."""
        for name in names:
            self.timings.pop(name, None)
