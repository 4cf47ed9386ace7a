"""One server program against another, with our application, settings and data: bin/bench --servers."""

import argparse
import contextlib
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import bench_faults
import bench_phases
import meters
import serve
from bench_phases import Side
from bench_requests import as_bytes, made
from bench_sizes import same_as_recorded
from check_in_undo import CheckInUndo
from checkout import ROOT
from generator import Request
from hot import CHECK_IN, ENDPOINTS
from meters import Meter
from postgres import split
from processes import run_in_front
from production_like import QUIET, prepare, server
from services import Services

COMPARED = ("rate", "p50_ms", "p99_ms", "cpu")
FEWER_THREADS = 2


class Program(NamedTuple):
    """How a server is started, and with how many threads in each process; None means those of the command line."""

    command: object
    threads: int | None = None


def gunicorn(*, host: str, port: int, options: argparse.Namespace, application: str = serve.APPLICATION) -> list[str]:
    """With the same sizes and patience as bin/serve gives granian."""
    return [
        *(sys.executable, "-m", "gunicorn", application, "--worker-class", "gthread"),
        *("--bind", f"{host}:{port}", "--workers", str(options.workers), "--threads", str(options.threads)),
        *("--backlog", "1024", "--keep-alive", "75", "--graceful-timeout", "30", "--timeout", "60"),
        *("--limit-request-line", "0", "--limit-request-field_size", "0"),
        *("--log-level", "warning", "--no-control-socket"),
    ]


PROGRAMS = {
    "granian": Program(serve.granian),
    "gunicorn": Program(gunicorn),
    "granian, 2 threads": Program(serve.granian, FEWER_THREADS),
}


def measure(options: argparse.Namespace, folder: Path, services: Services) -> dict:
    environment = prepare(options.size, services, options=options) | {"CACHE_ENABLED": "true"}
    workload, _ = made(options.names, options.size, folder, environment, people=options.connections)
    requests = {name: workload[name]["requests"] for name in options.names}
    with (
        contextlib.closing(Meter(services, split(environment["DATABASE_URL"])[0])) as meter,
        started(environment, options, folder) as sides,
        CheckInUndo(environment["DATABASE_URL"]) as undo,
    ):
        facts = bench_phases.facts(options, meter, options.size)
        for side in sides:
            side.requests = {name: checked(side, name, some) for name, some in requests.items()}
            bench_phases.warm_up(side, [name for name in options.names if name != CHECK_IN], options)
        rows = [one(name, sides, options=options, meter=meter, undo=undo) for name in options.names]
        faults = {side.name: of_server(side, requests) for side in sides}
    if CHECK_IN in options.names:
        audit(environment)
    return {"kind": "servers", "servers": list(PROGRAMS), "facts": facts, "rows": rows, "faults": faults}


@contextlib.contextmanager
def started(environment: dict[str, str], options: argparse.Namespace, folder: Path) -> Iterator[list[Side]]:
    """All of them, each with counters and a pool of its own; only one is asked at a time."""
    database = split(environment["DATABASE_URL"])[1]
    with contextlib.ExitStack() as stack:
        sides = []
        for name, program in PROGRAMS.items():
            sizes = argparse.Namespace(workers=options.workers, threads=program.threads or options.threads)
            own = {"options": sizes, "name": name.replace(", ", "-").replace(" ", "-"), "command": program.command}
            ready = stack.enter_context(server(folder, environment | serve.environment(sizes), **own))
            sides.append(Side(name, ready.port, ready.pid, database))
        yield sides


def checked(side: Side, name: str, requests: list[dict]) -> list[Request]:
    """Reads once each, compared with what the view has answered; check-ins as they are."""
    if name == CHECK_IN:
        return [Request(as_bytes(request), 201) for request in requests]
    return list(same_as_recorded(side.port, requests))


def one(name: str, sides: list[Side], *, options, meter: Meter, undo: CheckInUndo) -> dict:
    print(f"{ENDPOINTS[name]} ...", file=sys.stderr, flush=True)
    writes = name == CHECK_IN
    put_back = undo.put_back if writes else None
    sums = bench_phases.in_turn(name, sides, options=options, meter=meter, once=writes, put_back=put_back)
    first, *others = sums
    ratios = {other: compared(sums[other], sums[first]) for other in others}
    return {"name": name, "endpoint": ENDPOINTS[name], "ratios": ratios, **sums}


def compared(side: dict, first: dict) -> dict[str, list[float] | None]:
    """Of each round, which is two phases one after the other: the median of the ratios, the least and the greatest."""
    found = {}
    for name in COMPARED:
        pairs = [(one[name], other[name]) for one, other in zip(side["phases"], first["phases"], strict=True)]
        each = [] if any(None in pair for pair in pairs) else [one / other for one, other in pairs]
        found[name] = [statistics.median(each), min(each), max(each)] if each else None
    return found


def of_server(side: Side, requests: dict[str, list[dict]]) -> dict:
    print(f"{side.name}: memory, slow clients, reload ...", file=sys.stderr, flush=True)
    memory = meters.memory(side.pid)
    first = next(iter(requests[name] for name in requests if name != CHECK_IN))[0]
    call = as_bytes(first), first["answer"]
    slow = bench_faults.beside_slow_clients(side, call)
    return {"memory": memory, "slow": slow, "reload": bench_faults.reloaded(side, call)}


def audit(environment: dict[str, str]) -> None:
    if run_in_front([sys.executable, ROOT / "manage.py", "audit"], env=environment | QUIET):
        raise SystemExit("the audit found differences")
