"""More and more people, until an objective breaks: how many can there be?

Each step brings its people in, ten log-ins a second, lets them settle, and measures. Only what breaks twice is broken.
The last step that held is the knee, and the table at the end is that step's.
"""

import time

from locust import LoadTestShape, events

from locustfiles import judged, knee
from locustfiles.climb import Climb
from locustfiles.person import LOGINS_PER_SECOND, ramp
from locustfiles.standard import StandardUser

__all__ = ["Shape", "StandardUser"]


class Shape(LoadTestShape):
    """Locust asks every second, also while people come. An answer of None ends the run."""

    climb: Climb | None = None

    def tick(self) -> tuple[int, int] | None:
        if self.climb is None:
            Shape.climb = Climb(judged.gate, judged.gate.plan.get("parameters", {}), are_in=are_in)
        else:
            measured, goes_on = len(self.climb.steps), self.climb.tick()
            for step in self.climb.steps[measured:]:
                print(step.line, flush=True)
            if not goes_on:
                return None
        return self.climb.people, LOGINS_PER_SECOND


def are_in(people: int) -> bool:
    return ramp.is_over(time.monotonic(), people)


@events.test_stopping.add_listener
def conclude(**_) -> None:
    if Shape.climb and not knee.of(Shape.climb.steps):
        judged.gate.facts["slow"] = ["no step held its objectives"]


@events.quitting.add_listener
def show(**_) -> None:
    """After the gate's table: at the end Locust calls its listeners in reverse."""
    steps = Shape.climb.steps if Shape.climb else []
    print("\n".join([*knee.plot(steps), knee.sentence(steps)]), flush=True)
