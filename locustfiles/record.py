"""What a load run leaves in its folder, `.local/loadtest/runs/<UTC time>-<profile>/`. Everything is judged from it.

plan.json    by bin/loadtest, before Locust starts: `profile`, `parameters` (users, time, warmup, rate, ...), `server`
             (`pid`, `database_pid`, `cache_pid`, `expected_commit`, `commit`, `workers`, `threads`), `machine`;
             optional: `strict`, `objectives` (path of another file), `expected_build` (digest of the server's code,
             by default that of this checkout). Its folder is DAREZONE_LOADTEST_FOLDER in the environment of Locust.
measured     by the gate, when the warm-up is cut: the UTC time in seconds. The faults wait for this file.
faults.json  by bin/loadtest, as they happen: a list of `name`, `begin`, `end` (UTC seconds; end = works again).
samples.csv  by the gate: one line for each request, in the order of their ends.
    start    seconds since the run's begin; in an open model the INTENDED start (Locust's `context["intended"]`)
    route    "POST /api/v1/checkins": the template, never ids; calls that only prepare have the prefix "setup: "
    ms       from that start to the end
    status   of HTTP; 0 without an answer
    problem  empty when the answer was good; DOCUMENTED for a 503 in the contract's shape with Retry-After
    phase    "ramp", "warmup", "measured", or the step's size in `capacity`: gate.enter(phase) begins one
run.json     by the gate, at the end: the plan's keys, and `begin`, `end`, `measured_begin`, `measured_end` (UTC
             seconds), `users`, `cpu` (percent of one core in the window: `generator`, `server`, `database`, `cache`,
             `foreign`; `foreign_share` of all cores, 0-100), `server_cpu_seconds`, `health`, `counters` (`before` and
             `after` the window, parsed /metrics), `faults`, `script_errors`, `warm_up_reached`, `judged_phases`
             (["measured"]; a profile may set others), `phases` (`name`, `at`), `clock_drift_ms`, `build` (what the
             server says of itself in /metrics: environment, build, debug, profiler), and what a profile adds with
             gate.facts[...]: `steps` of capacity (phase, users, requests_per_second, p95, breaches), `memory` of soak.

The gate: `gate.samples` (list of Sample, the lines above), `gate.enter(phase)`, `gate.facts` (a dict that goes into
run.json), `gate.missed` (sentences of a profile: any of them makes the run MISSED; those in `gate.facts["slow"]` too,
unless other work had the machine; those in `gate.facts["unknown"]` make it INVALID), `gate.cut_at` (None until the
warm-up is cut, then UTC seconds), `gate.judged_phases`. A profile with a load shape sets `gate.holds_cut = True` (the
gate does not cut by itself) and calls `gate.cut_warm_up()` when it is warm. `conclude` fires once, on `quitting`. CPU:
locustfiles/machine.py has `read(plan["server"])`, called by the gate at the cut and at the end, and `spent(before,
after)`, which answers the `cpu` of run.json. The gate attaches itself to Locust from locustfiles/judged.py, which every
profile imports: `judged.gate` is the run's only one.

DOCUMENTED lives in locustfiles/answers.py. A failed request belongs to a fault when its time touches
[begin, end + 2 s]. verdict.breaches(objectives, samples) tells capacity in sentences what one step has missed.
"""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = "DAREZONE_LOADTEST_FOLDER"
SAMPLES, RUN, PLAN, FAULTS = "samples.csv", "run.json", "plan.json", "faults.json"
MEASURED = "measured"
SETUP = "setup: "


class Sample(NamedTuple):
    start: float
    route: str
    ms: float
    status: int
    problem: str
    phase: str

    @property
    def is_setup(self) -> bool:
        return self.route.startswith(SETUP)


class Record(NamedTuple):
    """One run, as it stands in its folder."""

    folder: Path
    facts: dict[str, Any]
    samples: list[Sample]

    def judged(self) -> list[Sample]:
        phases = set(self.facts["judged_phases"])
        return [sample for sample in self.samples if sample.phase in phases]


def read(folder: Path) -> Record:
    facts = json.loads((folder / RUN).read_text(encoding="utf-8"))
    with (folder / SAMPLES).open(newline="", encoding="utf-8") as file:
        lines = csv.reader(file)
        next(lines)
        samples = [
            Sample(float(start), route, float(ms), int(status), *rest) for start, route, ms, status, *rest in lines
        ]
    return Record(folder, facts, samples)


def write(folder: Path, facts: dict[str, Any], samples: Iterable[Sample]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / SAMPLES).open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(Sample._fields)
        lines.writerows((f"{one.start:.4f}", one.route, f"{one.ms:.3f}", *one[3:]) for one in samples)
    (folder / RUN).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def plan(folder: Path | None) -> dict[str, Any]:
    """What bin/loadtest wants of the run; nothing when Locust was started by hand."""
    file = folder / PLAN if folder else None
    return json.loads(file.read_text(encoding="utf-8")) if file and file.exists() else {}


def faults(folder: Path) -> list[dict[str, Any]]:
    """What bin/loadtest has broken meanwhile."""
    file = folder / FAULTS
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else []


def announce(folder: Path, cut_at: float) -> None:
    """The window that is measured has begun."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MEASURED).write_text(f"{cut_at:.3f}\n", encoding="utf-8")
