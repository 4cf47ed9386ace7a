"""Listens to a run of Locust and ends it with a folder (record.py), its reports, and an exit code.

exit codes: 0 every objective met; 1 one missed; 2 the run is invalid and says nothing.

The window that is measured begins DAREZONE_WARMUP_SECONDS (10, or the plan's) after the last user was spawned, and ends
when Locust stops. A profile with phases of its own calls enter(). One process, no workers.
"""

import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gevent

from apps.core import build
from locustfiles import counters, machine, record, reports, served, verdict
from locustfiles import objectives as declared
from locustfiles.record import MEASURED, Record, Sample

if TYPE_CHECKING:  # importing Locust patches the sockets and threads of the whole process
    from locust.env import Environment

RAMP, WARM_UP = "ramp", "warmup"
ROOT = Path(__file__).resolve().parents[1]


class Gate:
    def __init__(self, environment: "Environment", read_machine: Callable[[dict], machine.Reading] = machine.read):
        self.environment, self.read_machine = environment, read_machine
        self.folder = folder_of_the_run()
        self.plan = record.plan(self.folder)
        profile = self.plan.get("profile") or profile_of(environment)
        self.objectives = declared.read(profile, Path(self.plan.get("objectives") or declared.FILE))
        self.samples: list[Sample] = []
        self.script_errors: list[str] = []
        self.facts: dict[str, Any] = {"profile": profile}
        self.judged_phases, self.missed = [MEASURED], []
        self.holds_cut, self.cut_at = False, None  # a load shape may cut the warm-up itself
        self.begin, self.begin_monotonic = time.time(), time.monotonic()
        self.phases = [{"name": RAMP, "at": 0.0}]
        self.drifts = [0.0]
        self.window: dict[str, Any] = {}
        self.health: dict[str, Any] | None = None

    def attach(self) -> None:
        """Called once, when Locust has been set up. Stops at once when the server is not the expected one."""
        self.health = served.health(self.environment.host)
        if not self.health or self.health.get("environment") != self.objectives.run["environment"]:
            sys.exit(self.conclude())
        events = self.environment.events
        events.request.add_listener(self.record)
        events.user_error.add_listener(self.blame_script)
        events.spawning_complete.add_listener(self.warm_up)
        events.test_stopping.add_listener(self.close_window)
        events.quitting.add_listener(self.conclude)
        gevent.spawn(self.watch_clocks)

    def record(self, name, response_time, exception=None, start_time=None, response=None, context=None, **_) -> None:
        begun = (context or {}).get("intended", start_time)
        ms = response_time + (start_time - begun) * 1000
        status, problem = getattr(response, "status_code", 0) or 0, str(exception or "")
        self.samples.append(
            Sample(begun - self.begin, name, ms, status, problem, self.phase_at(start_time - self.begin))
        )

    def phase_at(self, second: float) -> str:
        """A request belongs to the phase in which it was sent."""
        return next((phase["name"] for phase in reversed(self.phases) if phase["at"] <= second), RAMP)

    def enter(self, phase: str) -> None:
        self.phases.append({"name": phase, "at": time.time() - self.begin})

    def blame_script(self, exception, **_) -> None:
        self.script_errors.append(f"{type(exception).__name__}: {exception}")

    def warm_up(self, user_count: int, **_) -> None:
        if "users" not in self.facts:
            self.facts["users"] = user_count
            self.enter(WARM_UP)
            if not self.holds_cut:
                gevent.spawn_later(self.warm_up_seconds, self.cut_warm_up)

    @property
    def warm_up_seconds(self) -> float:
        asked = (self.plan.get("parameters") or {}).get("warmup", os.environ.get("DAREZONE_WARMUP_SECONDS", 10))
        return float(asked)

    def cut_warm_up(self) -> None:
        """Once: the counters and CPU that the end is compared with, and what waits for the window, may begin."""
        if self.cut_at is None:
            self.window = {"counters": served.read(self.environment.host), "machine": self.measure()}
            self.cut_at = self.window["begin"] = time.time()
            self.enter(MEASURED)
            record.announce(self.folder, self.cut_at)

    def close_window(self, **_) -> None:
        if self.window and "end" not in self.window:
            after = self.measure()
            self.window |= {
                "end": time.time(),
                "cpu": machine.spent(self.window["machine"], after),
                "machine_end": after,
            }
            self.window["counters_end"] = served.read(self.environment.host)

    def measure(self) -> machine.Reading:
        return self.read_machine(self.plan.get("server") or {})

    def watch_clocks(self) -> None:
        """The wall clock dates the samples; whether it was set meanwhile, the monotonic one tells."""
        while True:
            self.note_drift()
            gevent.sleep(1)

    def note_drift(self) -> None:
        self.drifts.append((time.time() - self.begin) - (time.monotonic() - self.begin_monotonic))

    def conclude(self, **_) -> int:
        self.close_window()
        self.note_drift()
        logging.getLogger("locust.stats_logger").disabled = True  # its tables repeat this one, rounded
        facts = self.all_facts()
        self.folder.mkdir(parents=True, exist_ok=True)
        record.write(self.folder, facts, self.samples)
        run = Record(self.folder, facts, self.samples)
        found = verdict.judge(run, self.objectives, strict=bool(self.plan.get("strict")))
        reports.publish(run, self.objectives, found)
        self.environment.process_exit_code = found.code
        return found.code

    def all_facts(self) -> dict[str, Any]:
        window, plan = self.window, self.plan
        counted = {"before": window.get("counters") or {}, "after": window.get("counters_end") or {}}
        server_before, server_after = (getattr(window.get(key), "parts", {}) for key in ("machine", "machine_end"))
        return (
            plan
            | self.facts
            | {
                **{"begin": self.begin, "end": time.time(), "host": self.environment.host},
                **{"measured_begin": window.get("begin"), "measured_end": window.get("end")},
                "cpu": window.get("cpu") or {},
                "server_cpu_seconds": difference(server_before.get("server"), server_after.get("server")),
                "warm_up_seconds": self.warm_up_seconds,
                "warm_up_reached": self.cut_at is not None,
                **{"phases": self.phases, "judged_phases": self.judged_phases, "missed": self.missed},
                "clock_drift_ms": round(1000 * (max(self.drifts) - min(self.drifts)), 3),
                "health": self.health,
                "build": counters.build(counted["after"] or counted["before"]),
                "expected_build": plan.get("expected_build") or build.digest(ROOT),
                "counters": counted,
                "faults": self.facts.get("faults") or record.faults(self.folder),
                "script_errors": self.script_errors,
            }
        )


def difference(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else round(after - before, 2)


def folder_of_the_run() -> Path:
    if named := os.environ.get(record.FOLDER):
        return Path(named)
    return ROOT / ".local" / "loadtest" / "runs" / time.strftime("%Y-%m-%dT%H-%M-%SZ", time.gmtime())


def profile_of(environment: "Environment") -> str:
    """Started by hand, a load script's name is its profile."""
    named = Path(getattr(getattr(environment, "parsed_options", None), "locustfile", None) or "standard").stem
    return "brief" if named == "standard" else named
