"""The server beside its floor, endpoint by endpoint.

Starts PostgreSQL and Valkey (in .local/bench), seeds, starts what bin/serve starts with ENVIRONMENT=load and, under the
same command line, the floor: a bare WSGI function with psycopg and orjson that runs the same SQL and answers the same
bytes. Both are driven in turn, never at once, by one generator without think time. docs/bench.md tells how to read it.

exit codes: 0 measured; 1 a target missed, with --check; 2 invalid: not ready, a wrong answer, bytes that differ, or the
audit found differences.
"""

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import packages
import serve
from checkout import help_parser, state
from hot import CHECK_IN, ENDPOINTS, READS, SERVED
from processes import exit_on_signals
from production_like import NOT_OURS
from services import Services

MEASURED, MISSED, INVALID = 0, 1, 2
SIZES = ("demo", "load", "large")
SECONDS, RECORDED_SECONDS = 1.5, 11.0


def main() -> None:
    options = parse()
    exit_on_signals()
    packages.enter()
    for name in NOT_OURS:
        os.environ.pop(name, None)
    folder = state("bench")
    with invalid_when_told(), Services(folder) as services:
        result = measure(options, folder, services)
        show(result, options)
    sys.exit(MISSED if options.check and result.get("missed") else MEASURED)


def parse() -> argparse.Namespace:
    parser = help_parser("bin/bench", __doc__)
    add_options(parser)
    options = parser.parse_args()
    options.seconds = options.seconds or (RECORDED_SECONDS if options.recorder else SECONDS)
    several = options.servers or options.recorder
    reads_only = options.sizes or options.size == "demo"
    chosen = options.names or [name for name in (SERVED if several else ENDPOINTS) if name in READS or not reads_only]
    options.names = [name for name in ENDPOINTS if name in chosen]
    if several and options.names == [CHECK_IN]:
        parser.error("--servers and --recorder need a read among the endpoints, to warm up with")
    return options


def add_options(parser: argparse.ArgumentParser) -> None:
    names = ", ".join(ENDPOINTS)
    parser.add_argument("names", nargs="*", choices=ENDPOINTS, metavar="ENDPOINT", help=f"some of: {names} (all)")
    parser.add_argument("--seconds", type=float, help="measured in each phase (1.5; with --recorder 11)")
    parser.add_argument("--rounds", type=int, default=4, help="phases of each side, in the order ABBA (4)")
    parser.add_argument("--connections", type=int, default=100, help="requests at the same time (100)")
    parser.add_argument("--size", choices=SIZES, default="load", help="the data (load); demo has no check-ins to make")
    parser.add_argument("--sizes", type=pair, help="instead of the floor, one size against another: demo,large")
    parser.add_argument("--servers", action="store_true", help="instead of the floor, gunicorn and fewer threads")
    parser.add_argument("--recorder", action="store_true", help="instead of the floor, without and with the recorder")
    parser.add_argument("--warm", action="store_true", help="measure also with the read cache on")
    parser.add_argument("--fresh", action="store_true", help="make the database anew")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result")
    parser.add_argument("--against", type=earlier, metavar="FILE", help="show the change since an earlier result")
    parser.add_argument("--check", action="store_true", help="exit code 1 when a target is missed")
    serve.add_size_options(parser)


def pair(text: str) -> list[str]:
    sizes = text.split(",")
    if len(sizes) != 2 or not set(sizes) <= set(SIZES):
        raise argparse.ArgumentTypeError(f"{text!r} is not two of {', '.join(SIZES)}")
    return sizes


def earlier(text: str) -> dict:
    try:
        return json.loads(Path(text).read_text())
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{text}: {error}") from None


def measure(options: argparse.Namespace, folder: Path, services: Services) -> dict:
    # Only here: these modules need the packages, which --help does not install.
    import bench_floor
    import bench_recorder
    import bench_servers
    import bench_sizes

    others = [(options.servers, bench_servers), (options.recorder, bench_recorder), (options.sizes, bench_sizes)]
    kind = next((module for chosen, module in others if chosen), bench_floor)
    return kind.measure(options, folder, services)


def show(result: dict, options: argparse.Namespace) -> None:
    import bench_report
    import bench_servers_report

    if result["kind"] == "servers":
        bench_servers_report.show(result)
    elif result["kind"] == "recorder":
        bench_servers_report.show_recorder(result)
    else:
        bench_report.show(result, options.against)
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n")


@contextlib.contextmanager
def invalid_when_told() -> Iterator[None]:
    """A sentence about what went wrong becomes exit code 2."""
    try:
        yield
    except SystemExit as stop:
        if isinstance(stop.code, str):
            print(f"bin/bench: {stop.code}", file=sys.stderr)
            sys.exit(INVALID)
        raise


if __name__ == "__main__":
    main()
