"""One size of the data against another: a read must cost what its answer holds, not what the database holds.

The people of the larger size are chosen so that their answers are like those of the smaller: of about the same length,
with about the same totals (a list of 20 rows out of 900 is not one of 20 out of 30), for people in about as many
challenges.
"""

import argparse
import contextlib
from pathlib import Path

import bench_phases
import generator
import orjson
from bench_phases import Side
from bench_requests import as_bytes, made
from generator import Request
from hot import CHECK_IN, ENDPOINTS, SIZES_TARGET
from meters import Meter
from postgres import split
from production_like import prepare, server
from services import Services

COLD = {"CACHE_ENABLED": "false"}
CANDIDATES = 600


def measure(options: argparse.Namespace, folder: Path, services: Services) -> dict:
    """Sizes as on the command line, the smaller first."""
    if CHECK_IN in options.names:
        raise SystemExit("check-ins are not compared by size: name reads")
    sizes = options.sizes
    environments = {size: prepare(size, services, options=options) | COLD for size in sizes}
    requests = matched(*workloads(options, folder, environments))
    with contextlib.closing(Meter(services, split(environments[sizes[0]]["DATABASE_URL"])[0])) as meter:
        facts = bench_phases.facts(options, meter, " and ".join(sizes))
        rows = measured(environments, requests, options=options, folder=folder, meter=meter)
    targets = [verdict for row in rows for verdict in verdicts_of(row)]
    missed = sum(not verdict["met"] for verdict in targets)
    return {"kind": "sizes", "sizes": sizes[::-1], "facts": facts, "rows": rows, "targets": targets, "missed": missed}


def workloads(options: argparse.Namespace, folder: Path, environments: dict[str, dict]) -> list[dict]:
    small, large = options.sizes
    first, _ = made(options.names, small, folder, environments[small], people=options.connections)
    # Everybody sees the same public challenges, so no choice of people makes these pages equal.
    more = ["--discover-limit", shown(first["discover"])] if "discover" in first else []
    second, _ = made(options.names, large, folder, environments[large], people=CANDIDATES, more=more)
    return [first, second]


def shown(discover: dict) -> int:
    return len(orjson.loads(discover["requests"][0]["answer"])["challenges"]) or 1


def matched(small: dict, large: dict) -> list[dict[str, list[dict]]]:
    """By size, the requests of each endpoint."""
    chosen = {name: alike(small[name]["requests"], large[name]["requests"]) for name in small}
    return [{name: small[name]["requests"] for name in small}, chosen]


def alike(wanted: list[dict], candidates: list[dict], most: int = 100) -> list[dict]:
    """For each of `wanted` in turn the nearest that is left, several times around."""
    left = [(measures(request), request) for request in candidates]
    targets = [measures(request) for request in wanted]
    chosen = []
    for number in range(min(most, len(left))):
        target = targets[number % len(targets)]
        nearest = min(range(len(left)), key=lambda position: distance(left[position][0], target))
        chosen.append(left.pop(nearest)[1])
    return chosen


def measures(request: dict) -> tuple[int, ...]:
    """The length of the answer, the rows that were counted for it, the memberships of the people in it."""
    answer, memberships = request["answer"], request["memberships"]
    data = orjson.loads(answer)
    if not isinstance(data, dict):
        return len(answer), 0, memberships
    counted = data.get("total") or data.get("count") or 0
    counted += sum(habit.get("total_checkins", 0) for habit in data.get("habits", ()))
    return len(answer), counted, memberships


def distance(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    return sum(abs(a - b) / (b + 1) for a, b in zip(one, other, strict=True))


def measured(environments: dict[str, dict], requests: list[dict], *, options, folder: Path, meter: Meter) -> list[dict]:
    with contextlib.ExitStack() as stack:
        sides = []
        for (size, environment), own in zip(environments.items(), requests, strict=True):
            started = stack.enter_context(server(folder, environment, options=options, name=f"server-{size}"))
            database = split(environment["DATABASE_URL"])[1]
            sides.append(Side(size, started.port, started.pid, database, checked(started.port, own)))
        for side in sides:
            bench_phases.warm_up(side, options.names, options)
        return [one(name, sides[::-1], options, meter) for name in options.names]


def checked(port: int, requests: dict[str, list[dict]]) -> dict[str, list[Request]]:
    """Every answer once, as the view gave it while the workload was made."""
    return {name: list(same_as_recorded(port, some)) for name, some in requests.items()}


def same_as_recorded(port: int, requests: list[dict]):
    written = [as_bytes(request) for request in requests]
    for request, data, answer in zip(requests, written, generator.ask(port, written), strict=True):
        if answer != request["answer"]:
            raise SystemExit(f"{request['path']}: another answer than before: {answer[:300]!r}")
        yield Request(data, 200, len(answer))


def one(name: str, sides: list[Side], options: argparse.Namespace, meter: Meter) -> dict:
    sums = bench_phases.in_turn(name, sides, options=options, meter=meter)
    ratio = bench_phases.ratios(*(sums[side.name] for side in sides))
    return {"name": name, "endpoint": ENDPOINTS[name], "mode": "cold", **sums, "ratio": ratio}


def verdicts_of(row: dict) -> list[dict]:
    """Judged by CPU where it can be read: requests/s swing with whatever else the machine does."""
    ratio, about = row["ratio"], {"endpoint": row["endpoint"]}
    if ratio["cpu"] is None:
        met = ratio["rate"] >= 1 / SIZES_TARGET
        return [
            about | {"what": "requests/s", "sign": ">=", "limit": 1 / SIZES_TARGET, "ratio": ratio["rate"], "met": met}
        ]
    met = ratio["cpu"] <= SIZES_TARGET
    return [about | {"what": "CPU", "sign": "<=", "limit": SIZES_TARGET, "ratio": ratio["cpu"], "met": met}]
