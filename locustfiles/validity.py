"""May the numbers of a run be believed? Each doubt makes it invalid, whether its numbers look good or bad."""

from collections.abc import Iterator

from locustfiles import counters
from locustfiles.checks import MET, NOTE, RUN, UNCLEAR, VALID, Check, doubt_unless
from locustfiles.objectives import Objectives
from locustfiles.record import Record, Sample

OUT_OF_ORDER_SECONDS = 1.0  # people who are told the result at one moment may report it in any order


def checks(record: Record, objectives: Objectives) -> Iterator[Check]:
    facts = record.facts
    yield from server(facts, objectives)
    yield doubt_unless(facts["warm_up_reached"], "warm-up", "the run ended before its warm-up did")
    yield from machine(facts.get("cpu") or {}, objectives)
    yield from clocks(record, objectives)
    unknown = facts.get("unknown") or []
    yield doubt_unless(not unknown, "what the profile watches", "; ".join(unknown))
    yield from happened(facts, objectives)
    errors = facts.get("script_errors") or []
    yield doubt_unless(not errors, "script errors", f"the load script failed: {'; '.join(errors[:3])}")


def server(facts: dict, objectives: Objectives) -> Iterator[Check]:
    """What /metrics and /health say, and what bin/loadtest knows of the server that it started."""
    health, build, plan = facts.get("health"), facts.get("build") or {}, facts.get("server") or {}
    yield doubt_unless(bool(health), "health", "the server's /health did not answer")
    if not health:
        return
    yield same("environment", health.get("environment"), objectives.run["environment"])
    yield same("build", build.get("build"), facts.get("expected_build"))
    if plan.get("expected_commit"):
        yield same("commit", plan.get("commit"), plan["expected_commit"])
    for what in ("debug", "profiler", "toolbar"):
        yield same(what, build.get(what), "off")
    told = bool(counters.between(facts.get("counters") or {}))
    yield doubt_unless(told, "counters", "/metrics did not answer before and after the measured window")


def same(what: str, found: str | None, wanted: str | None) -> Check:
    note = f"the server's {what} is {found or 'not known'}, not {wanted or 'known'}"
    return doubt_unless(bool(wanted) and found == wanted, what, note, found=found, limit=wanted)


def machine(cpu: dict, objectives: Objectives) -> Iterator[Check]:
    found, most = cpu.get("generator"), objectives.run["generator_cpu_percent"]
    note = f"the generator used {found} % of a core, more than {most} %"
    yield doubt_unless(found is None or found <= most, "generator CPU %", note, found=found, limit=most)


def foreign_work(record: Record, objectives: Objectives) -> Check:
    """It makes answers slower, never faster: what was met in spite of it is met, and what was slow says nothing."""
    found, most = (record.facts.get("cpu") or {}).get("foreign_share"), objectives.run["foreign_share_percent"]
    if found is None or found <= most:
        return Check(NOTE, RUN, "foreign CPU %", MET, found, most)
    note = f"other work took {found} % of the machine, more than {most} %: slow answers say nothing about the server"
    return Check(NOTE, RUN, "foreign CPU %", UNCLEAR, found, most, note)


def happened(facts: dict, objectives: Objectives) -> Iterator[Check]:
    """A run in which nothing was broken says nothing about what happens then."""
    over = {fault["name"] for fault in facts.get("faults") or () if fault.get("end")}
    for name in objectives.faults:
        yield doubt_unless(name in over, name, f"{name}: did not happen, or did not end within the run")


def clocks(record: Record, objectives: Objectives) -> Iterator[Check]:
    drift, most = record.facts.get("clock_drift_ms") or 0.0, objectives.run["clock_drift_ms"]
    note = f"the wall clock moved {drift} ms against the monotonic one, more than {most} ms"
    yield doubt_unless(drift <= most, "clock drift ms", note, found=drift, limit=most)
    wrong = misplaced(record)
    note = f"{len(wrong)} samples lie outside of the run or out of order, the first {wrong[:1]}"
    yield doubt_unless(not wrong, "samples in time", note, found=len(wrong), limit=0)


def misplaced(record: Record) -> list[Sample]:
    seconds, latest, found = record.facts["end"] - record.facts["begin"], 0.0, []
    for sample in record.samples:
        end = sample.start + sample.ms / 1000
        if sample.ms < 0 or sample.start < -OUT_OF_ORDER_SECONDS or end > seconds + OUT_OF_ORDER_SECONDS:
            found.append(sample)
        elif end < latest - OUT_OF_ORDER_SECONDS:
            found.append(sample)
        latest = max(latest, end)
    return found


def enough(name: str, number: int, minimum: int) -> Check:
    if number >= minimum:
        return Check(VALID, name, "requests", MET, number, minimum)
    note = f"{name}: {number} requests are fewer than {minimum}"
    return Check(VALID, name, "requests", UNCLEAR, number, minimum, note)
