"""What a load run is worth: passed, missed or invalid. Nothing here knows Locust."""

import tomllib
from pathlib import Path
from typing import NamedTuple

from locustfiles.samples import Samples

PASSED, MISSED, INVALID = 0, 1, 2
WORDS = {PASSED: "PASSED", MISSED: "MISSED", INVALID: "INVALID"}


class Objective(NamedTuple):
    p95_ms: int
    minimum_requests: int
    once_at_start: bool = False


class Objectives(NamedTuple):
    environment: str
    generator_cpu_percent: float
    endpoints: dict[str, Objective]


class Conditions(NamedTuple):
    """How the run went, apart from its samples. `script_error` is a bug of the load script itself."""

    environment: str | None
    warm_up_cut: bool
    generator_cpu_percent: float | None
    script_error: str | None = None


class Verdict(NamedTuple):
    code: int
    reasons: list[str]

    @property
    def word(self) -> str:
        return WORDS[self.code]


def read(path: Path) -> Objectives:
    declared = tomllib.loads(path.read_text(encoding="utf-8"))
    endpoints = {name: Objective(**values) for name, values in declared["endpoints"].items()}
    return Objectives(**declared["run"], endpoints=endpoints)


def judge(objectives: Objectives, samples: Samples, conditions: Conditions) -> Verdict:
    """Invalid wins: the numbers of such a run say nothing, whether they look good or bad."""
    invalid = [*doubts(objectives, conditions), *too_few(objectives, samples)]
    missed = [*failed(samples), *too_slow(objectives, samples)]
    code = INVALID if invalid else MISSED if missed else PASSED
    return Verdict(code, invalid + missed)


def doubts(objectives: Objectives, conditions: Conditions) -> list[str]:
    found = []
    if conditions.environment is None:
        found.append("the server's /health did not answer")
    elif conditions.environment != objectives.environment:
        found.append(f"the server's environment is {conditions.environment}, not {objectives.environment}")
    if conditions.script_error:
        found.append(f"the load script failed: {conditions.script_error}")
    if not conditions.warm_up_cut:
        found.append("the run ended before its warm-up did")
    cpu = conditions.generator_cpu_percent
    if cpu is not None and cpu > objectives.generator_cpu_percent:
        found.append(f"the generator used {cpu:.0f} % of a core, more than {objectives.generator_cpu_percent:.0f} %")
    return found


def too_few(objectives: Objectives, samples: Samples) -> list[str]:
    return [
        f"{name}: {len(samples.timings[name])} requests are fewer than {objective.minimum_requests}"
        for name, objective in objectives.endpoints.items()
        if len(samples.timings[name]) < objective.minimum_requests
    ]


def failed(samples: Samples) -> list[str]:
    return [f"{name}: {count} failed" for name, count in samples.failures.items()]


def too_slow(objectives: Objectives, samples: Samples) -> list[str]:
    p95s = {name: samples.timings[name].percentile(95) for name in objectives.endpoints}
    return [
        f"{name}: p95 is {p95} ms, more than {objectives.endpoints[name].p95_ms}"
        for name, p95 in p95s.items()
        if p95 is not None and p95 > objectives.endpoints[name].p95_ms
    ]
