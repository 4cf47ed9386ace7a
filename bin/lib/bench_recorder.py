"""What the recorder costs: the same server with it and without it, in turn. bin/bench --recorder.

Two processes of the same program are never equally quick: memory lies differently, hashes differ. So there are two
without it, and what the second differs from the first is the noise that the recorder is judged by. A phase takes eleven
seconds: the recorder adds up every second and stores every ten, and shorter ones would leave that to nobody's account.
"""

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path

import bench_phases
import bench_servers
import serve
from bench_phases import Side
from bench_requests import made
from check_in_undo import CheckInUndo
from hot import CHECK_IN
from meters import Meter
from postgres import split
from production_like import prepare, server
from services import Services

OFF, ON, AGAIN = "off", "on", "off again"
MOST_NOISE = 0.1
"""A busier machine tells nothing."""
SIDES = {OFF: "false", ON: "true", AGAIN: "false"}


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
            side.requests = {name: bench_servers.checked(side, name, some) for name, some in requests.items()}
            bench_phases.warm_up(side, [name for name in options.names if name != CHECK_IN], options)
        rows = [bench_servers.one(name, sides, options=options, meter=meter, undo=undo) for name in options.names]
    if CHECK_IN in options.names:
        bench_servers.audit(environment)
    return {"kind": "recorder", "servers": list(SIDES), "facts": facts, "rows": rows, **judged(rows)}


@contextlib.contextmanager
def started(environment: dict[str, str], options: argparse.Namespace, folder: Path) -> Iterator[list[Side]]:
    database = split(environment["DATABASE_URL"])[1]
    with contextlib.ExitStack() as stack:
        sides = []
        for name, recorder in SIDES.items():
            own = environment | serve.environment(options) | {"DAREZONE_RECORDER": recorder}
            ready = stack.enter_context(server(folder, own, options=options, name=f"recorder-{name.replace(' ', '-')}"))
            sides.append(Side(name, ready.port, ready.pid, database))
        yield sides


def judged(rows: list[dict]) -> dict:
    """Of the endpoints whose CPU could be read: which are within noise, and which are not."""
    verdicts = [verdict_of(row) for row in rows if row["ratios"][ON]["cpu"]]
    return {"verdicts": verdicts, "missed": sum(not verdict["met"] for verdict in verdicts)}


def verdict_of(row: dict) -> dict:
    """Within noise is what differs from 1 no more than a round of the two without the recorder did."""
    recorder, control = row["ratios"][ON]["cpu"], row["ratios"][AGAIN]["cpu"]
    noise = max(abs(one - 1) for one in control)
    met = recorder[0] - 1 <= noise <= MOST_NOISE
    return {"endpoint": row["endpoint"], "recorder": recorder, "control": control, "noise": noise, "met": met}
