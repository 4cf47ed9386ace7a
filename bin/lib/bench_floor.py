"""The server against its floor: what bin/bench does unless sizes are compared."""

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import bench_phases
import generator
import orjson
from bench_phases import Side
from bench_requests import as_bytes, made
from check_in_undo import CheckInUndo
from checkout import ROOT
from generator import Request
from hot import CHECK_IN, ENDPOINTS, TARGETS
from meters import Meter
from postgres import split
from processes import run_in_front
from production_like import QUIET, prepare, server
from services import Services

# What the server runs with. The floor has no cache: warm, the server may be faster than it.
MODES = {"cold": {"CACHE_ENABLED": "false"}, "warm": {"CACHE_ENABLED": "true"}}
COMPARED_CHECK_INS = 20
OF_ITS_OWN = ("id", "created_at", "updated_at")  # what each check-in gets anew


def measure(options: argparse.Namespace, folder: Path, services: Services) -> dict:
    environment = prepare(options.size, services, options=options)
    workload, environment["BENCH_WORKLOAD"] = made(
        options.names, options.size, folder, environment | MODES["cold"], people=options.connections
    )
    with contextlib.closing(Meter(services, split(environment["DATABASE_URL"])[0])) as meter:
        facts = bench_phases.facts(options, meter, options.size)
        rows = [
            row
            for mode in (MODES if options.warm else ["cold"])
            for row in measured_mode(mode, environment, workload, options=options, folder=folder, meter=meter)
        ]
    if CHECK_IN in options.names and run_in_front(
        [sys.executable, ROOT / "manage.py", "audit"], env=environment | QUIET
    ):
        raise SystemExit("the audit found differences")
    return {"kind": "floor", "facts": facts, "rows": rows, **judged(rows)}


def measured_mode(mode: str, environment: dict, workload: dict, *, options, folder: Path, meter: Meter) -> list[dict]:
    with started(environment | MODES[mode], options, folder) as sides, CheckInUndo(environment["DATABASE_URL"]) as undo:
        reads = [name for name in options.names if name != CHECK_IN]
        for name in reads:
            compare_reads(name, sides, workload[name]["requests"])
        if reads:
            for side in sides:
                bench_phases.warm_up(side, reads, options)
        if CHECK_IN in options.names:
            compare_check_ins(sides, workload[CHECK_IN]["requests"], undo)
        return [one(name, mode, sides, options=options, meter=meter, undo=undo) for name in options.names]


@contextlib.contextmanager
def started(environment: dict[str, str], options: argparse.Namespace, folder: Path) -> Iterator[list[Side]]:
    database = split(environment["DATABASE_URL"])[1]
    floor = {"application": "floor:application", "name": "floor"}
    library = {"PYTHONPATH": os.pathsep.join([str(ROOT / "bin" / "lib"), str(ROOT)])}
    with (
        server(folder, environment, options=options) as real,
        server(folder, environment | library, options=options, **floor) as bare,
    ):
        yield [Side("server", real.port, real.pid, database), Side("floor", bare.port, bare.pid, database)]


def compare_reads(name: str, sides: list[Side], requests: list[dict]) -> None:
    """Every answer of both, byte by byte; their lengths are what the phases expect."""
    written = [as_bytes(request) for request in requests]
    real, bare = (list(generator.ask(side.port, written)) for side in sides)
    for request, wanted, found in zip(requests, real, bare, strict=True):
        if wanted != found:
            raise SystemExit(f"{request['path']}: the floor answers {first_difference(found, wanted)}")
    for side in sides:
        side.requests[name] = [Request(*both) for both in zip(written, [200] * len(real), map(len, real), strict=True)]


def compare_check_ins(sides: list[Side], requests: list[dict], undo: CheckInUndo) -> None:
    """Some of both: equal but for ids and times."""
    written = [as_bytes(request) for request in requests]
    some = written[:COMPARED_CHECK_INS]
    answers = []
    for side in sides:
        answers.append([scrubbed(body) for body in generator.ask(side.port, some)])
        undo.put_back()
        side.requests[CHECK_IN] = [Request(data, 201) for data in written]
    for wanted, found in zip(*answers, strict=True):
        if wanted != found:
            raise SystemExit(f"POST /checkins: the floor answers {first_difference(found, wanted)}")


def scrubbed(body: bytes) -> bytes:
    data = orjson.loads(body)
    return orjson.dumps(data | {"checkin": data["checkin"] | dict.fromkeys(OF_ITS_OWN)} if "checkin" in data else data)


def first_difference(found: bytes, wanted: bytes) -> str:
    at = next((at for at, both in enumerate(zip(found, wanted, strict=False)) if both[0] != both[1]), len(found))
    around = slice(max(at - 60, 0), at + 60)
    return f"{found[around]!r} (see log/floor.log when it is empty), the server {wanted[around]!r}"


def one(name: str, mode: str, sides: list[Side], *, options, meter: Meter, undo: CheckInUndo) -> dict:
    print(f"{mode} {ENDPOINTS[name]} ...", file=sys.stderr, flush=True)
    writes = name == CHECK_IN
    sums = bench_phases.in_turn(
        name, sides, options=options, meter=meter, once=writes, put_back=undo.put_back if writes else None
    )
    ratio = bench_phases.ratios(sums["server"], sums["floor"])
    return {"name": name, "endpoint": ENDPOINTS[name], "mode": mode, **sums, "ratio": ratio}


def judged(rows: list[dict]) -> dict:
    """What is asked of the endpoints that were measured, and what was missed."""
    verdicts = [verdict for row in rows for verdict in verdicts_of(row)]
    return {"targets": verdicts, "missed": sum(not verdict["met"] for verdict in verdicts)}


def verdicts_of(row: dict) -> list[dict]:
    if row["mode"] != "cold" or row["name"] not in TARGETS:
        return []
    target, ratio = TARGETS[row["name"]], row["ratio"]
    about = {"endpoint": row["endpoint"]}
    return [
        about
        | {"what": "requests/s", "sign": ">=", "limit": target.rate, "ratio": ratio["rate"]}
        | {"met": ratio["rate"] >= target.rate},
        about
        | {"what": "p95", "sign": "<=", "limit": target.p95, "ratio": ratio["p95_ms"]}
        | {"met": ratio["p95_ms"] <= target.p95},
    ]
