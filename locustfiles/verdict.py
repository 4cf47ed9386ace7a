"""What a load run is worth: passed, missed or invalid. Judged from its folder; nothing here knows Locust.

A percentile is met when even the upper end of its interval is within the limit, missed when even the lower end is over
it. Between the two nobody can tell, and a gate that does not know does not pass: invalid. The same holds for slow
answers of a machine that was busy with something else, and for a cache that it kept from answering in time. Failures
are counted whatever the machine did, and so are statements beyond what an empty cache costs.
"""

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from locustfiles import counters, faults, validity
from locustfiles.checks import GATE, LEVELS, MET, MISSED, RUN, TARGET, UNCLEAR, VALID, Check
from locustfiles.intervals import rank_bounds
from locustfiles.objectives import PERCENTS, Objectives, Route, plain
from locustfiles.record import SETUP, Record, Sample
from locustfiles.samples import Timings, by_route, timings

PASSED, NOT_PASSED, INVALID = 0, 1, 2
WORDS = {PASSED: "PASSED", NOT_PASSED: "MISSED", INVALID: "INVALID"}
OWN_TIMES, STATEMENTS, HIT_RATIO = "the profile's own times", "SQL statements a request", "cache hit ratio"
FEWEST = 20  # requests of a route; fewer are only shown
ENOUGH_UNDECLARED = 200  # four slow ones of them are no doubt about a p95
TIMES = {key.replace("_", " ") for key in PERCENTS}


class Verdict(NamedTuple):
    code: int
    checks: list[Check]
    strict: bool = False

    @property
    def word(self) -> str:
        return WORDS[self.code]

    @property
    def reasons(self) -> list[str]:
        """Sentences about what is not met, doubts of the run first."""
        shown = [level for level in LEVELS if level != TARGET or self.strict]
        found = [check for check in self.checks if check.state != MET and check.level in shown]
        return [check.sentence for check in sorted(found, key=lambda check: LEVELS.index(check.level))]

    def of(self, level: str) -> list[Check]:
        return [check for check in self.checks if check.level == level]


def judge(record: Record, objectives: Objectives, *, strict: bool = False) -> Verdict:
    noise = validity.foreign_work(record, objectives)
    checks = [
        noise,
        *validity.checks(record, objectives),
        *(blamed(check, noise, objectives) for check in of_routes(record, objectives)),
        *(blamed(check, noise, objectives) for check in of_server(record, objectives)),
        *(Check(GATE, RUN, "the profile's own", MISSED, note=note) for note in record.facts.get("missed", ())),
        *(blamed(check, noise, objectives) for check in own_times(record)),
    ]
    deciding = {GATE, TARGET} if strict else {GATE}
    states = {check.state for check in checks if check.level in deciding}
    if any(check.level == VALID and check.state != MET for check in checks):
        code = INVALID  # wins: the numbers of such a run say nothing
    elif MISSED in states:
        code = NOT_PASSED
    else:
        code = INVALID if UNCLEAR in states else PASSED
    return Verdict(code, checks, strict)


def blamed(check: Check, noise: Check, objectives: Objectives) -> Check:
    """A slow answer, on the noise where there was some; and a cache that is not asked because it was slow (50 ms)."""
    if noise.state == MET or check.state != MISSED or not may_be_noise(check, objectives):
        return check
    return check._replace(state=UNCLEAR, note=f"{check.sentence}, while other work took {noise.found} % of the machine")


def may_be_noise(check: Check, objectives: Objectives) -> bool:
    if check.what == STATEMENTS:
        return check.found <= objectives.empty_cache(check.about)
    return check.what in (*TIMES, OWN_TIMES, HIT_RATIO)


def own_times(record: Record) -> Iterator[Check]:
    return (Check(GATE, RUN, OWN_TIMES, MISSED, note=note) for note in record.facts.get("slow", ()))


def of_routes(record: Record, objectives: Objectives) -> Iterator[Check]:
    found, broken = by_route(record.samples), faults.of(record.facts)
    for name in (*objectives.declared, *(name for name in found if name not in objectives.declared)):
        route, samples = objectives.route(name), found.get(name, [])
        yield from no_failures(name, [sample for sample in samples if not faults.is_excused(sample, broken)])
        if name.startswith(SETUP):
            continue
        measured = timings(faults.undisturbed(judged(samples, route, record), broken))
        if route.minimum:
            yield validity.enough(name, len(measured), route.minimum)
        yield from percentiles(name, measured, route, objectives.run["confidence_percent"] / 100)
    yield from faults.budgets(record, objectives)


def judged(samples: Iterable[Sample], route: Route, record: Record) -> list[Sample]:
    """Log-ins happen before the warm-up ends: all of theirs."""
    phases = set(record.facts["judged_phases"])
    return [sample for sample in samples if route.once_at_start or sample.phase in phases]


def no_failures(name: str, samples: list[Sample]) -> Iterator[Check]:
    """From the first request on: one that fails while warming up has failed somebody."""
    failures = sum(bool(sample.problem) for sample in samples)
    note = f"{name}: {failures} failed" if failures else ""
    yield Check(GATE, name, "failed requests", MISSED if failures else MET, failures, 0, note)


def percentiles(name: str, measured: Timings, route: Route, confidence: float) -> Iterator[Check]:
    for level in (GATE, TARGET):
        for key, limit in route.limits(level).items():
            if len(measured) < FEWEST:
                continue
            check = percentile(level, name, measured, key, limit, confidence)
            if check.state != UNCLEAR or has_enough(len(measured), PERCENTS[key], route, confidence):
                yield check


def has_enough(number: int, percent: float, route: Route, confidence: float) -> bool:
    """So many that a doubt counts. Fewer can be met or missed for certain; otherwise such a route is only shown."""
    return number >= (fewest(percent, confidence) if route.minimum else ENOUGH_UNDECLARED)


def fewest(percent: float, confidence: float) -> int:
    """Of fewer, even the slowest may be below the true percentile."""
    return math.ceil(math.log(1 - confidence) / math.log(percent / 100))


def percentile(level: str, name: str, measured: Timings, key: str, limit: float, confidence: float) -> Check:
    percent, what, number = PERCENTS[key], key.replace("_", " "), len(measured)
    low, high = (place and measured.at(place) for place in rank_bounds(number, percent, confidence))
    found = measured.percentile(percent)
    if high is not None and high <= limit:
        return Check(level, name, what, MET, found, limit)
    if low is not None and low > limit:
        return Check(level, name, what, MISSED, found, limit, f"{name}: {what} is {found}, more than {limit:g}")
    between = f"truly {low} to {high}: {number} requests cannot tell whether over {limit:g}"
    return Check(level, name, what, UNCLEAR, found, limit, f"{name}: {what} is {found}, {between}")


def of_server(record: Record, objectives: Objectives) -> Iterator[Check]:
    """What the server counted meanwhile."""
    counted = counters.between(record.facts.get("counters") or {})
    asked = {plain(name.removeprefix(SETUP)): name.removeprefix(SETUP) for name in by_route(record.samples)}
    for route, cost in counters.sql(counted).items():
        limit = objectives.route(route).sql
        if route in asked and limit is not None and cost.requests >= FEWEST:
            state = MET if cost.each <= limit else MISSED
            yield Check(GATE, asked[route], STATEMENTS, state, round(cost.each, 2), limit)
    ratio = counters.hit_ratio(counted)
    if objectives.hit_ratio is not None and ratio is not None:
        state = MET if ratio >= objectives.hit_ratio else MISSED
        yield Check(GATE, RUN, HIT_RATIO, state, round(ratio, 3), objectives.hit_ratio)


def breaches(objectives: Objectives, samples: list[Sample]) -> list[str]:
    """What one step of a search for the capacity has missed, by what was measured: no interval."""
    found = []
    for name, those in by_route(samples).items():
        if failures := sum(bool(sample.problem) for sample in those):
            found.append(f"{name}: {failures} failed")
        for key, limit in {} if name.startswith(SETUP) else objectives.route(name).gate.items():
            value = timings(those).percentile(PERCENTS[key])
            if value > limit:
                found.append(f"{name}: {key.replace('_', ' ')} is {value}, more than {limit:g}")
    return found
