"""The standard run's people without the patience, until they have measured enough: on a busy machine that takes longer,
and says as much."""

import itertools
import os

import gevent
from locust import constant_pacing, events

from locustfiles import judged, standard

ENOUGH = int(os.environ.get("HURRIED_REQUESTS", "300"))
measured = itertools.count(1)


class Hurried(standard.StandardUser):
    wait_time = constant_pacing(0.03)


@events.init.add_listener
def stop_when_it_is_enough(environment, **_) -> None:
    def count(**_) -> None:
        if judged.gate.cut_at and next(measured) == ENOUGH:
            gevent.spawn(environment.runner.quit)

    environment.events.request.add_listener(count)
