"""How far a number that was measured can be from the truth."""

import math
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

FINENESS = 500  # values that a percentile of a bootstrap may have
SPREAD = 9  # standard deviations around the mean outside of which a binomial has nothing left that counts


class Interval(NamedTuple):
    low: float
    high: float


def rank(number: int, percent: float) -> int:
    """The nearest rank of a percentile, from 1. Of whole numbers: 0.95 * 100000 may be 95000.00000001."""
    return max(math.ceil(round(percent * 1000) * number / 100_000), 1)


def rank_bounds(number: int, percent: float, confidence: float) -> tuple[int | None, int | None]:
    """Ranks whose values the true percentile is not below, and not above, each with `confidence` (0-1). None where so
    few samples cannot tell. Exact: how many of n samples lie below the true percentile is binomial."""
    chances = binomial(number, percent / 100)
    below, lowest, highest = 0.0, None, None
    for count, chance in chances:  # count samples do not exceed the truth
        if 1 - below >= confidence and count >= 1:
            lowest = count
        below += chance
        if highest is None and below >= confidence and count < number:
            highest = count + 1
    return lowest, highest


def binomial(number: int, share: float) -> list[tuple[int, float]]:
    """(count, chance) for the counts that have one worth naming."""
    middle, spread = number * share, SPREAD * math.sqrt(number * share * (1 - share)) + 2
    counts = range(max(0, int(middle - spread)), min(number, int(middle + spread)) + 1)
    whole = math.lgamma(number + 1)
    return [
        (
            count,
            math.exp(
                whole
                - math.lgamma(count + 1)
                - math.lgamma(number - count + 1)
                + count * math.log(share)
                + (number - count) * math.log1p(-share)
            ),
        )
        for count in counts
    ]


def of_difference(
    first: Sequence[Sequence[float]],
    second: Sequence[Sequence[float]],
    percent: float,
    *,
    confidence: float = 0.95,
    rounds: int = 1000,
) -> Interval:
    """Bootstrap of percentile(second) - percentile(first). Each side is a list of blocks, the samples of one second or
    so: what is drawn again is a block, because requests of one moment are slow together."""
    draw = random.Random(20_260_301)  # the same samples give the same interval
    one, other = Resampled(first, percent), Resampled(second, percent)
    found = sorted(other.again(draw) - one.again(draw) for _ in range(rounds))
    outside = int(rounds * (1 - confidence) / 2)
    return Interval(found[outside], found[-1 - outside])


class Resampled:
    """Blocks that have samples, and their percentile when as many are drawn from them with replacement."""

    def __init__(self, blocks: Sequence[Sequence[float]], percent: float):
        found, self.percent = [sorted(block) for block in blocks if block], percent
        pooled = sorted(value for block in found for value in block)
        self.values = pooled[:: max(len(pooled) // FINENESS, 1)][1:] + pooled[-1:]
        # How many samples of each block do not exceed each of the values: looked up in each round.
        self.counts = [[bisect_right(block, value) for value in self.values] for block in found]

    def again(self, draw: random.Random) -> float:
        drawn = Counter(draw.choices(range(len(self.counts)), k=len(self.counts)))
        weighted = [(self.counts[place], weight) for place, weight in drawn.items()]
        wanted = rank(sum(weight * counts[-1] for counts, weight in weighted), self.percent)
        low, high = 0, len(self.values) - 1
        while low < high:
            middle = (low + high) // 2
            if sum([weight * counts[middle] for counts, weight in weighted]) < wanted:
                low = middle + 1
            else:
                high = middle
        return self.values[low]


def blocks(times: Sequence[tuple[float, float]], *, count: int = 20) -> list[list[float]]:
    """(start, ms) in `count` equal spans of time."""
    if not times:
        return []
    begin, end = min(times)[0], max(times)[0]
    width = (end - begin) / count or 1.0
    found: list[list[float]] = [[] for _ in range(count)]
    for start, ms in times:
        found[min(int((start - begin) / width), count - 1)].append(ms)
    return found


def percentile(ordered: Sequence[float], percent: float) -> float:
    return ordered[rank(len(ordered), percent) - 1]
