"""Failures of a run in which things were broken on purpose. While a fault lasts, and two seconds longer, a request may
be refused as the contract documents it; every other failure counts as in any run."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from locustfiles.answers import DOCUMENTED
from locustfiles.checks import GATE, MET, MISSED, Check
from locustfiles.objectives import Objectives
from locustfiles.record import Record, Sample

RECOVERY_SECONDS = 2.0


class Fault(NamedTuple):
    """In seconds since the run's begin; `end` is when the broken thing worked again, None when it never did."""

    name: str
    begin: float
    end: float | None

    def touches(self, sample: Sample) -> bool:
        end = float("inf") if self.end is None else self.end + RECOVERY_SECONDS
        return sample.start <= end and sample.start + sample.ms / 1000 >= self.begin


def of(facts: dict[str, Any]) -> list[Fault]:
    zero = facts["begin"]
    return [
        Fault(one["name"], one["begin"] - zero, None if one.get("end") is None else one["end"] - zero)
        for one in facts.get("faults", ())
    ]


def undisturbed(samples: list[Sample], faults: list[Fault]) -> list[Sample]:
    return [sample for sample in samples if not any(fault.touches(sample) for fault in faults)] if faults else samples


def is_excused(sample: Sample, faults: list[Fault]) -> bool:
    return sample.problem == DOCUMENTED and any(fault.touches(sample) for fault in faults)


def budgets(record: Record, objectives: Objectives) -> Iterator[Check]:
    for fault in of(record.facts):
        touched = [sample for sample in record.samples if fault.touches(sample)]
        refused = sum(sample.problem == DOCUMENTED for sample in touched)
        percent, allowed = 100 * refused / max(len(touched), 1), objectives.allowed_percent(fault.name)
        state = MET if percent <= allowed else MISSED
        yield Check(GATE, fault.name, "% of requests refused as documented", state, round(percent, 2), allowed)
