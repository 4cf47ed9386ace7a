"""A run in numbers, a row for each route: what every report shows."""

from typing import Any, NamedTuple

from locustfiles import counters, faults
from locustfiles.checks import GATE, MET, MISSED, TARGET, UNCLEAR, Check
from locustfiles.objectives import Objectives, plain
from locustfiles.record import SETUP, Record, Sample
from locustfiles.samples import by_route, timings
from locustfiles.verdict import TIMES, Verdict, judged

PERCENTS = (50, 95, 99)
TOO_FEW = "too few"  # requests, to tell a percentile


class Row(NamedTuple):
    """Times are of the judged samples in whole ms; `failures` and `sent` of the whole run."""

    route: str
    requests: int
    rate: float
    failures: int
    sent: int
    p50: int | None
    p95: int | None
    p99: int | None
    slowest: int | None
    sql: float | None
    gate: str
    target: str

    @property
    def is_setup(self) -> bool:
        return self.route.startswith(SETUP)


def of(record: Record, objectives: Objectives, verdict: Verdict) -> list[Row]:
    """Those that are declared first and in their order, then the others by name, set-up last."""
    found = by_route(record.samples)
    costs = counters.sql(counters.between(record.facts.get("counters") or {}))
    others = sorted(
        found.keys() - objectives.declared.keys(), key=lambda name: (name.startswith(SETUP), in_words(name))
    )
    names = [*objectives.declared, *others]
    return [row(name, found.get(name, []), costs, record, objectives, verdict) for name in names]


def in_words(name: str) -> tuple[str, ...]:
    """By path, then by method."""
    return tuple(reversed(name.removeprefix(SETUP).split(" ", 1)))


def row(name: str, samples: list[Sample], costs: dict, record: Record, objectives: Objectives, verdict: Verdict) -> Row:
    measured = times_of(name, samples, record, objectives)
    found, cost = timings(measured), costs.get(plain(name))
    return Row(
        name,
        len(found),
        len(found) / seconds_of(record, measured),
        sum(bool(sample.problem) for sample in samples),
        len(samples),
        *(found.percentile(percent) for percent in PERCENTS),
        found.slowest(),
        round(cost.each, 2) if cost else None,
        *(state(verdict.of(level), name, asks_for_times=not name.startswith(SETUP)) for level in (GATE, TARGET)),
    )


def times_of(name: str, samples: list[Sample], record: Record, objectives: Objectives) -> list[Sample]:
    broken = faults.of(record.facts)
    return faults.undisturbed(judged(samples, objectives.route(name), record), broken)


def seconds_of(record: Record, samples: list[Sample]) -> float:
    """The judged phases, or for what happens outside of them, its own span."""
    window = judged_seconds(record)
    outside = any(sample.phase not in record.facts["judged_phases"] for sample in samples)
    span = max((one.start for one in samples), default=0) - min((one.start for one in samples), default=0)
    return (span if outside or window <= 0 else window) or 1.0


def state(checks: list[Check], name: str, *, asks_for_times: bool) -> str:
    """The worst; empty when nothing was asked of it."""
    found = [check for check in checks if check.about == name]
    states = {check.state for check in found}
    if asks_for_times and states <= {MET} and not any(check.what in TIMES for check in found):
        return TOO_FEW
    return next((word for word in (MISSED, UNCLEAR, MET) if word in states), "")


def judged_seconds(record: Record) -> float:
    """How long the judged phases were; a phase ends where the next one begins, the last one with the window."""
    facts = record.facts
    phases, window_end = facts["phases"], (facts.get("measured_end") or facts["begin"]) - facts["begin"]
    ends = [*(phase["at"] for phase in phases[1:]), window_end]
    judged = (end - one["at"] for one, end in zip(phases, ends, strict=True) if one["name"] in facts["judged_phases"])
    return round(max(0.0, sum(judged)), 1)


def headline(record: Record) -> dict[str, Any]:
    """What a reader wants to know before the table."""
    facts, counted = record.facts, counters.between(record.facts.get("counters") or {})
    cpu, ratio, (waits, waited) = facts.get("cpu") or {}, counters.hit_ratio(counted), counters.pool_waits(counted)
    measured = [sample for sample in record.judged() if not sample.is_setup]
    return {
        "people": facts.get("users", 0),
        "seconds of warm-up": facts.get("warm_up_seconds"),
        "seconds measured": judged_seconds(record),
        "requests/s": round(len(measured) / (judged_seconds(record) or 1), 1),
        **{f"% of a core: {part}": cpu.get(part) for part in ("generator", "server", "database", "cache")},
        "% of the machine: other work": cpu.get("foreign_share"),
        "ms of server CPU a request": per_request(facts.get("server_cpu_seconds"), counted),
        "cache hit ratio": None if ratio is None else round(ratio, 3),
        "SQL statements": round(counters.total(counted, "darezone_sql_statements_total")) if counted else None,
        "waits for a connection": f"{waits:g} ({waited:.2f} s)" if counted else None,
        "ms of clock drift": facts.get("clock_drift_ms"),
    }


def per_request(cpu_seconds: float | None, counted: counters.Counters) -> float | None:
    served = counters.total(counted, "darezone_request_seconds_count")
    return round(1000 * cpu_seconds / served, 2) if cpu_seconds is not None and served else None
