"""When independent people arrive: moments of a Poisson process."""

import random
from collections.abc import Iterator


def moments(rate: float, begin: float, rng: random.Random) -> Iterator[float]:
    """Endless; `rate` a second on average. Nobody waits for anybody, so gaps of any length occur."""
    moment = begin
    while True:
        moment += rng.expovariate(rate)
        yield moment
