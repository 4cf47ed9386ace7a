"""CPU of the machine and of those that take part in a run. What is left is somebody else's: it disturbs the numbers."""

import os
import time
from typing import Any, NamedTuple

import psutil


class Reading(NamedTuple):
    """Running totals in seconds; None for what is not known or has ended."""

    clock: float
    machine: float
    ours: float | None
    parts: dict[str, float | None]


def read(server: dict[str, Any]) -> Reading:
    """Of the processes that the plan names: each with its descendants."""
    pids = {part: server.get(key) for part, key in PARTS.items()} | {"generator": os.getpid()}
    # bin/loadtest has started all of them; a service that a fault restarts stays one of its descendants.
    ours = family_seconds(server.get("runner_pid"))
    return Reading(time.monotonic(), machine_seconds(), ours, {part: family_seconds(pid) for part, pid in pids.items()})


PARTS = {"server": "pid", "database": "database_pid", "cache": "cache_pid"}


def spent(before: Reading, after: Reading) -> dict[str, float | None]:
    """Percent of one core between two readings; `foreign_share` is of all cores, from 0 to 100."""
    wall = after.clock - before.clock
    if wall <= 0:
        return {}
    percent = {part: percent_of(before.parts[part], used, wall) for part, used in after.parts.items()}
    busy, ours = percent_of(before.machine, after.machine, wall), percent_of(before.ours, after.ours, wall)
    foreign = None if ours is None else max(0.0, round(busy - ours, 1))
    share = None if foreign is None else round(foreign / (os.cpu_count() or 1), 1)
    return percent | {"machine": busy, "foreign": foreign, "foreign_share": share}


def percent_of(before: float | None, after: float | None, wall: float) -> float | None:
    return None if before is None or after is None or after < before else round(100 * (after - before) / wall, 1)


def machine_seconds() -> float:
    """Everything but idling. Time that a hypervisor gave to others counts as used: it was missing here."""
    times = psutil.cpu_times()
    return sum(getattr(times, kind, 0.0) for kind in ("user", "nice", "system", "irq", "softirq", "steal"))


def family_seconds(pid: int | None) -> float | None:
    """Of a process with its descendants, those that have ended included."""
    times = [process_seconds(process) for process in family(pid)]
    return sum(times) if times else None


def family_megabytes(pid: int | None) -> float:
    """Memory that is theirs alone: shared pages would count once for each process."""
    return sum(own_bytes(process) for process in family(pid)) / 1_048_576


def family(pid: int | None) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid) if pid else None
        return [root, *root.children(recursive=True)] if root else []
    except psutil.NoSuchProcess:
        return []


def process_seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system + times.children_user + times.children_system


def own_bytes(process: psutil.Process) -> int:
    try:
        return process.memory_full_info().uss
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0
