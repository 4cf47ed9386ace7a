"""A long run of the mixed people that watches what only time shows: memory that grows, answers that become slower."""

import time

import gevent
from locust import events

from locustfiles import drift, judged, machine
from locustfiles.mixed import Creator, Joiner, Member, Newcomer, Returning

EVERY = 5.0  # seconds
__all__ = ["Creator", "Joiner", "Member", "Newcomer", "Returning"]

megabytes: list[tuple[float, float]] = []  # UTC seconds, memory of the server's processes


@events.test_start.add_listener
def watch(**_) -> None:
    gevent.spawn(look_every_while)


def look_every_while() -> None:
    server = judged.gate.plan.get("server", {})
    while True:
        gevent.sleep(EVERY)
        megabytes.append((time.time(), machine.family_megabytes(server.get("pid"))))


@events.test_stopping.add_listener
def conclude(**_) -> None:
    """Before the gate does, which listens for the end of the process."""
    gate = judged.gate
    if gate.cut_at is None:
        return
    measured = [sample for sample in gate.samples if sample.phase in gate.judged_phases]
    found = drift.between_quarters(measured, [row for row in megabytes if row[0] >= gate.cut_at])
    gate.facts["memory"] = [[round(at - gate.cut_at, 1), round(size, 1)] for at, size in megabytes]
    gate.facts["drift"] = found
    gate.facts["unknown"] = drift.unknown(found)
    gate.missed.extend(drift.grown(found))
    gate.facts["slow"] = drift.slower(found)
