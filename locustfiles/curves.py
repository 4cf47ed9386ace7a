"""What the charts of a run show: percentiles over time, and its phases and faults."""

from collections.abc import Sequence
from statistics import fmean

from locustfiles import faults
from locustfiles.charts import ASIDE, FAULT, Band, Line
from locustfiles.intervals import percentile
from locustfiles.record import Record, Sample

MOST_SPANS, SHORTEST_SPAN = 90, 1.0
STYLES = {50: "p50", 95: "p95", 99: "p99"}


def span_of(length: float, number: int, *, least: int = 20) -> float:
    """Seconds of a point of a curve: long enough for a percentile to mean something."""
    return max(SHORTEST_SPAN, length / MOST_SPANS, length * least / max(number, 1))


def percentiles(samples: Sequence[Sample], percents: Sequence[int] = (50, 95, 99)) -> list[Line]:
    """A point lies where its samples do. What happens only in a part of the run has its points there."""
    begin = min((sample.start for sample in samples), default=0.0)
    length = max((sample.start for sample in samples), default=0.0) - begin
    span = span_of(length, len(samples))
    spans: list[list[Sample]] = [[] for _ in range(int(length / span) + 1)]
    for sample in samples:
        spans[min(int((sample.start - begin) / span), len(spans) - 1)].append(sample)
    points = [
        (fmean(sample.start for sample in those) if those else begin + (number + 0.5) * span, in_order(those))
        for number, those in enumerate(spans)
    ]
    return [
        Line(f"p{percent}", STYLES[percent], [(at, percentile(ms, percent) if ms else None) for at, ms in points])
        for percent in percents
    ]


def in_order(samples: Sequence[Sample]) -> list[float]:
    return sorted(sample.ms for sample in samples)


def rates(samples: Sequence[Sample], end: float) -> list[Line]:
    span = max(SHORTEST_SPAN, end / MOST_SPANS)
    whole = int(end / span) or 1  # the last one is cut off by the end, and would seem slow
    sent, failed = [0] * (whole + 1), [0] * (whole + 1)
    for sample in samples:
        place = min(max(int(sample.start / span), 0), whole)
        sent[place] += 1
        failed[place] += bool(sample.problem)
    return [
        Line(name, style, [((number + 0.5) * span, count / span) for number, count in enumerate(counts[:whole])])
        for name, style, counts in (("requests/s", "rate", sent), ("failures/s", "failures", failed))
        if name != "failures/s" or any(failed)
    ]


def bands(record: Record) -> list[Band]:
    """What is not measured is shaded, and each fault is."""
    end, phases = length(record), record.facts.get("phases") or []
    ends = [phase["at"] for phase in phases[1:]] + [end]
    measured = set(record.facts["judged_phases"])
    found = [
        Band(phase["name"], "step" if phase["name"] in measured else ASIDE, phase["at"], until)
        for phase, until in zip(phases, ends, strict=True)
        if phase["name"] != "measured"
    ]
    broken = [Band(one.name, FAULT, one.begin, end if one.end is None else one.end) for one in faults.of(record.facts)]
    return found + broken


def length(record: Record) -> float:
    return max(record.facts["end"] - record.facts["begin"], 1.0)
