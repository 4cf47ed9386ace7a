"""Listens to a run of Locust, cuts its warm-up, and ends it with a table and an exit code.

exit codes: 0 every objective met; 1 one missed (p95 or any failed request); 2 the run is invalid and says nothing.

The samples begin DAREZONE_WARMUP_SECONDS (10) after the last user was spawned. Log-ins happen before that, once for
each user, so theirs are kept. Failures count from the first request on. DAREZONE_LOADTEST_REPORT names a file for the
result as JSON. One process, no workers.
"""

import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import gevent
import psutil
import requests

from locustfiles import report, verdict
from locustfiles.samples import Samples

if TYPE_CHECKING:  # importing Locust patches the sockets and threads of the whole process
    from locust.env import Environment

WARMUP_SECONDS = float(os.environ.get("DAREZONE_WARMUP_SECONDS", "10"))
OBJECTIVES = Path(__file__).with_name("objectives.toml")


def own_cpu_seconds() -> float:
    times = psutil.Process().cpu_times()
    return times.user + times.system


class Gate:
    def __init__(self, environment: "Environment", cpu_seconds: Callable[[], float] = own_cpu_seconds):
        self.environment, self.cpu_seconds = environment, cpu_seconds
        self.objectives = verdict.read(OBJECTIVES)
        self.samples = Samples()
        self.warmed_up = {name for name, one in self.objectives.endpoints.items() if not one.once_at_start}
        self.cut_at: float | None = None
        self.clock = (0.0, 0.0)  # wall and CPU seconds at the cut
        self.window: tuple[float, float] | None = None  # the same, between the cut and the end
        self.server: str | None = None
        self.script_error: str | None = None
        self.users = 0

    def attach(self) -> None:
        """Called once, when Locust has been set up. Stops at once when the server is not the expected one."""
        self.server = environment_of(self.environment.host)
        if self.server != self.objectives.environment:
            sys.exit(self.conclude())
        events = self.environment.events
        events.request.add_listener(self.record)
        events.user_error.add_listener(self.blame_script)
        events.spawning_complete.add_listener(self.warm_up)
        events.test_stopping.add_listener(self.stop_clock)
        events.quitting.add_listener(self.conclude)

    def record(self, name, response_time, exception=None, start_time=None, **_) -> None:
        if exception:
            self.samples.fail(name, str(exception))
        if self.cut_at is None or name not in self.warmed_up or start_time >= self.cut_at:
            self.samples.add(name, response_time)

    def blame_script(self, exception, **_) -> None:
        self.script_error = f"{type(exception).__name__}: {exception}"

    def warm_up(self, user_count: int, **_) -> None:
        if not self.users:
            self.users = user_count
            gevent.spawn_later(WARMUP_SECONDS, self.cut_warm_up)

    def cut_warm_up(self) -> None:
        self.samples.forget_timings(self.warmed_up)
        self.cut_at, self.clock = time.time(), (time.monotonic(), self.cpu_seconds())

    def stop_clock(self, **_) -> None:
        if self.cut_at is not None and self.window is None:
            wall, cpu = self.clock
            self.window = (time.monotonic() - wall, self.cpu_seconds() - cpu)

    def conclude(self, **_) -> int:
        self.stop_clock()
        logging.getLogger("locust.stats_logger").disabled = True  # its tables repeat this one, rounded
        found = verdict.judge(self.objectives, self.samples, self.conditions())
        report.show(self.objectives, self.samples, found, self.facts())
        if path := os.environ.get("DAREZONE_LOADTEST_REPORT"):
            report.write(Path(path), self.objectives, self.samples, found, self.facts())
        self.environment.process_exit_code = found.code
        return found.code

    def conditions(self) -> verdict.Conditions:
        return verdict.Conditions(self.server, self.cut_at is not None, self.cpu_percent(), self.script_error)

    def facts(self) -> dict[str, object]:
        return {
            "host": self.environment.host,
            "users": self.users,
            "warm_up_seconds": WARMUP_SECONDS,
            "measured_seconds": round(self.window[0], 1) if self.window else 0.0,
            "generator_cpu_percent": round(self.cpu_percent() or 0),
        }

    def cpu_percent(self) -> float | None:
        return 100 * self.window[1] / self.window[0] if self.window and self.window[0] else None


def environment_of(host: str | None) -> str | None:
    """What the server's health says, or None when nothing answers."""
    try:
        return requests.get(f"{host}/health", timeout=5).json()["environment"]
    except (requests.RequestException, KeyError, ValueError) as error:
        logging.getLogger(__name__).error("%s/health: %s", host, error)
        return None
