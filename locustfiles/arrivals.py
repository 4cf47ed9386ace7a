"""When people come: independent ones at moments of a Poisson process, those of a ramp evenly."""

import random
from collections.abc import Iterator


def moments(rate: float, begin: float, rng: random.Random) -> Iterator[float]:
    """Endless; `rate` a second on average. Nobody waits for anybody, so gaps of any length occur."""
    moment = begin
    while True:
        moment += rng.expovariate(rate)
        yield moment


class Ramp:
    """One after the other, as far apart as the rate says. Locust starts the people of a second all at its beginning."""

    def __init__(self) -> None:
        self.next_at, self.turns = 0.0, 0

    def wait(self, now: float, rate: float) -> float:
        """Seconds until the turn of whoever asks."""
        turn = max(now, self.next_at)
        self.next_at, self.turns = turn + 1 / rate, self.turns + 1
        return turn - now

    def is_over(self, now: float, people: int) -> bool:
        """Had so many people their turn?"""
        return self.turns >= people and now >= self.next_at
