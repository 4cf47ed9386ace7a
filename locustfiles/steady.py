"""An open model: calls arrive as often as the plan says, whether or not the server keeps up.

Each call has an intended moment, and its time counts from there. People who wait for a stalled server would be late for
the calls after it, and a closed model would never measure those: here, everybody whose turn has passed is measured as
having waited. The calls are those of the brief, in its proportions.
"""

import itertools
import random
import time
from collections.abc import Iterator

from gevent.event import Event
from locust import events

from locustfiles import arrivals, judged, standard

RATE = 50.0  # a second, without a plan
PATIENCE = 30.0  # seconds: somebody who cannot log in keeps the others waiting no longer
everybody_has_come, doors_are_open = Event(), Event()
here = itertools.count(1)


class Arriving(standard.StandardUser):
    """One of the pool: takes the next moment that nobody has, and is there in time, or late and measured so."""

    moments: Iterator[float]

    def on_start(self) -> None:
        super().on_start()
        self.pairs.prepare()
        everybody_has_come.wait()
        if next(here) >= self.environment.runner.user_count:
            open_the_doors()
        if not doors_are_open.wait(PATIENCE):
            open_the_doors()
        self.wait()

    def wait_time(self) -> float:
        self.intended = None
        self.pairs.prepare()
        self.intended = next(self.moments)
        return max(0.0, self.intended - time.time())


@events.spawning_complete.add_listener
def nobody_else_comes(**_) -> None:
    everybody_has_come.set()


def open_the_doors() -> None:
    """Now that all are logged in. The same moments in every run of the same rate, so that two runs can be compared."""
    if not doors_are_open.is_set():
        rate = judged.gate.plan.get("parameters", {}).get("rate") or RATE
        Arriving.moments = arrivals.moments(float(rate), time.time(), random.Random(2026))
        doors_are_open.set()
