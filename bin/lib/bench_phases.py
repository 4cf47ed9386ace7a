"""Phases: one endpoint of one side under load, with what it cost. Two sides take turns, so that a machine that becomes
slower or faster meanwhile does so for both."""

import argparse
import os
import platform
import statistics
import sys
from dataclasses import dataclass, field

import generator
from generator import Request, Result
from meters import Meter, Reading
from serve import cores

WARM_UP_SECONDS = 0.4
RATIOS = ("rate", "p95_ms", "cpu")


@dataclass
class Side:
    """One of the two servers that take turns."""

    name: str
    port: int
    pid: int
    database: str
    requests: dict[str, list[Request]] = field(default_factory=dict)


def in_turn(
    name: str, sides: list[Side], *, options: argparse.Namespace, meter: Meter, once: bool = False, put_back=None
) -> dict[str, dict]:
    """By side, what all its phases together say. `put_back` runs after each phase, not measured."""
    phases: dict[str, list[tuple[Result, Reading]]] = {side.name: [] for side in sides}
    for number in range(options.rounds):
        for side in sides if number % 2 == 0 else reversed(sides):
            phases[side.name].append(phase(name, side, options=options, meter=meter, once=once))
            if put_back:
                put_back()
    return {side: summary(done) for side, done in phases.items()}


def phase(name: str, side: Side, *, options: argparse.Namespace, meter: Meter, once: bool) -> tuple[Result, Reading]:
    def read() -> Reading:
        return meter.read(server_pid=side.pid, database=side.database)

    before = read()
    result = generator.drive(
        side.port,
        side.requests[name],
        connections=options.connections,
        seconds=options.seconds,
        warm_up=WARM_UP_SECONDS,
        once=once,
    )
    cost = read().since(before)
    if result.wrong or not result.latencies:
        raise SystemExit(f"{side.name}, {name}: {result.wrong} wrong answers: {result.first_wrong or 'none at all'}")
    return result, cost


def warm_up(side: Side, names: list[str], options: argparse.Namespace, seconds: float = 1.5) -> None:
    """A process that has just started imports, connects, compiles and prepares on its first calls."""
    requests = [request for name in names for request in side.requests[name]]
    mixed = [request for start in range(7) for request in requests[start::7]]
    result = generator.drive(side.port, mixed, connections=min(options.connections, 32), seconds=seconds)
    if result.wrong:
        raise SystemExit(f"{side.name}, warming up: {result.first_wrong}")


def summary(phases: list[tuple[Result, Reading]]) -> dict:
    """Rates and percentiles of the measured parts; costs per request, of whole phases."""
    latencies = sorted(one for result, _ in phases for one in result.latencies)
    answers = sum(result.answers for result, _ in phases)
    return {
        "requests": answers,
        "rate": len(latencies) / sum(result.seconds for result, _ in phases),
        "p50_ms": percentile(latencies, 50) / 1e6,
        "p95_ms": percentile(latencies, 95) / 1e6,
        "p99_ms": percentile(latencies, 99) / 1e6,
        **costs([cost for _, cost in phases], answers),
        "bytes": sum(result.body_bytes for result, _ in phases) / answers,
        "others": others(phases),
        "generator_us": sum(result.cpu_seconds for result, _ in phases) / answers * 1e6,
        "phases": [one_phase(result, cost) for result, cost in phases],
    }


def others(phases: list[tuple[Result, Reading]]) -> float | None:
    """The share of the machine's cores that was taken by what has no part in the bench."""
    used = [add(cost.machine_cpu, minus(cost.server_cpu), minus(cost.database_cpu)) for _, cost in phases]
    wall = sum(cost.clock for _, cost in phases)
    if None in used or not wall:
        return None
    return max(sum(used) - sum(result.cpu_seconds for result, _ in phases), 0) / (wall * cores())


def minus(value: float | None) -> float | None:
    return None if value is None else -value


def one_phase(result: Result, cost: Reading) -> dict:
    cpu, latencies = costs([cost], result.answers), sorted(result.latencies)
    return {
        "rate": len(latencies) / result.seconds,
        **{f"p{percent}_ms": percentile(latencies, percent) / 1e6 for percent in (50, 95, 99)},
        "cpu": add(cpu["server_us"], cpu["database_us"]),
    }


def costs(readings: list[Reading], answers: int) -> dict[str, float | None]:
    """Per request."""
    total = [add(*column) for column in zip(*readings, strict=True)]
    each = dict(zip(Reading._fields, (None if one is None else one / answers for one in total), strict=True))
    return {
        "server_us": in_us(each["server_cpu"]),
        "database_us": in_us(each["database_cpu"]),
        "statements": each["statements"],
        "round_trips": each["round_trips"],
        "redis": each["redis_commands"],
    }


def in_us(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1e6


def ratios(first: dict, second: dict) -> dict[str, float | None]:
    """Of the first side to the second: the median over the rounds, each of two phases one after the other, so that a
    moment in which the machine was busy spoils one round instead of the result."""
    rounds = list(zip(first["phases"], second["phases"], strict=True))
    return {name: median_ratio([(one[name], other[name]) for one, other in rounds]) for name in RATIOS}


def median_ratio(pairs: list[tuple[float | None, float | None]]) -> float | None:
    if any(None in pair for pair in pairs):
        return None
    return statistics.median(one / other for one, other in pairs)


def add(*values: float | None) -> float | None:
    return None if None in values else sum(values)


def percentile(ordered: list[int], percent: int) -> int:
    """The nearest rank: a latency that was measured."""
    return ordered[max(-(-len(ordered) * percent // 100) - 1, 0)]


def facts(options: argparse.Namespace, meter: Meter, size: str) -> dict:
    return {
        "cores": cores(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "postgresql": meter.connection.execute("SHOW server_version").fetchone()[0],
        "workers": options.workers,
        "threads": options.threads,
        "connections": options.connections,
        "size": size,
        "seconds": options.seconds,
        "rounds": options.rounds,
        "platform": sys.platform,
    }
