"""What a load run leaves behind: a folder `.local/loadtest/runs/<UTC time>-<profile>/`, from which alone every report,
comparison and verdict can be made again.

plan.json (written by bin/loadtest before the run, found through DAREZONE_LOADTEST_FOLDER; without it, defaults):
    profile, parameters (shown as they are), strict, warm_up_seconds,
    expected {environment, build, version, commit} (those that are given must be the server's),
    server_pid, service_pids {postgres, valkey} (roots of process trees, for CPU), objectives (path, another file)

samples.csv, one line a request:
    start     seconds since the run began; in the open model the INTENDED start
    route     "POST /api/v1/checkins": a template, never ids; calls that only prepare have the prefix "setup: "
    ms        from the (intended) start to the checked answer
    status    0 without an answer
    problem   empty when the answer was good
    phase     ramp, warmup, measured, cooldown; or the number of a step (capacity)

run.json:
    profile, parameters, users, begin, end (UTC), warm_up_seconds, warm_up_reached, judged_phases,
    phases [{name, at}], window {seconds, from, until, generator_cpu_percent, server_cpu_seconds,
    service_cpu_seconds {}, foreign_cpu_percent}, clock_drift_ms, machine {}, server {environment, version, build, commit,
    debug, profiler, ...}, expected {}, counters {before, after} (of /metrics), faults [{name, begin, end}],
    script_errors [], extra {} (what a profile adds, such as the steps of capacity)

How a profile takes part: see gate.py. A request tells its intended start, where it has one, through Locust's context:
`client.get(..., context={"intended": <time.time() when it should have started>})`.
"""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = "DAREZONE_LOADTEST_FOLDER"
SAMPLES, RUN, PLAN = "samples.csv", "run.json", "plan.json"
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
        rows = csv.DictReader(file)
        samples = [
            Sample(float(row["start"]), row["route"], float(row["ms"]), int(row["status"]), row["problem"], row["phase"])
            for row in rows
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
