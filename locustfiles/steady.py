"""An open model: calls arrive as often as the plan says, whether or not the server keeps up.

Each call has an intended moment, and its time counts from there. People who wait for a stalled server would be late for
the calls after it, and a closed model would never measure those: here, everybody whose turn has passed is measured as
having waited. The calls are those of the brief, in its proportions.
"""

import random
import time
from collections.abc import Iterator

from gevent.event import Event
from locust import events

from locustfiles import arrivals, judged, standard

RATE = 50.0  # a second, without a plan
everybody_is_here = Event()


class Arriving(standard.StandardUser):
    """One of the pool: takes the next moment that nobody has, and is there in time, or late and measured so."""

    moments: Iterator[float]

    def on_start(self) -> None:
        super().on_start()
        self.pairs.prepare()
        everybody_is_here.wait()
        self.wait()

    def wait_time(self) -> float:
        self.intended = None
        self.pairs.prepare()
        self.intended = next(self.moments)
        return max(0.0, self.intended - time.time())


@events.spawning_complete.add_listener
def open_the_doors(**_) -> None:
    """The same moments in every run of the same rate, so that two runs can be compared."""
    if not everybody_is_here.is_set():
        rate = judged.gate.plan.get("parameters", {}).get("rate") or RATE
        Arriving.moments = arrivals.moments(float(rate), time.time(), random.Random(2026))
        everybody_is_here.set()
