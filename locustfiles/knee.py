"""Steps of a search for the capacity: what each measured, where the knee is, and how that looks."""

from collections.abc import Sequence
from typing import NamedTuple

from locustfiles.record import SETUP, Sample
from locustfiles.samples import by_route, timings

WIDTH = 40  # of the longest bar


class Step(NamedTuple):
    phase: str
    users: int
    requests_per_second: float
    slowest_p95_ms: int  # of all routes
    breaches: list[str]

    @property
    def line(self) -> str:
        said = "held" if not self.breaches else f"broke: {'; '.join(self.breaches[:3])}"
        rate = f"{self.requests_per_second:.0f} requests/s"
        return f"{self.users} users: {rate}, slowest p95 {self.slowest_p95_ms} ms, {said}"


def measured(phase: str, users: int, samples: Sequence[Sample], seconds: float, breaches: list[str]) -> Step:
    real = [sample for sample in samples if not sample.route.startswith(SETUP)]
    slowest = max((timings(those).percentile(95) for those in by_route(real).values()), default=0)
    return Step(phase, users, round(len(real) / seconds, 1) if seconds else 0.0, slowest, breaches)


def of(steps: Sequence[Step]) -> Step | None:
    """The last that held, before the first that did not hold twice."""
    held = [step for step in steps if not step.breaches]
    return max(held, key=lambda step: step.users, default=None)


def sentence(steps: Sequence[Step]) -> str:
    found = of(steps)
    if not found:
        return "No step held its objectives."
    beyond = "" if any(step.users > found.users for step in steps) else " No more were tried."
    return (
        f"The knee: {found.users} users, {found.requests_per_second:.0f} requests/s with every objective held, "
        f"slowest p95 {found.slowest_p95_ms} ms.{beyond}"
    )


def plot(steps: Sequence[Step]) -> list[str]:
    """A bar for each step's slowest p95. A person sees where it bends."""
    most = max((step.slowest_p95_ms for step in steps), default=0) or 1
    return [
        f"{step.users:>6} users {step.requests_per_second:>7.0f}/s {step.slowest_p95_ms:>6} ms "
        f"{'█' * max(1, round(WIDTH * step.slowest_p95_ms / most))}{' broke' if step.breaches else ''}"
        for step in steps
    ]
