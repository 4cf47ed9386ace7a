"""A load profile against a production-like server of its own.

Starts PostgreSQL and Valkey (durable, in .local/loadtest), seeds, starts what bin/serve starts with ENVIRONMENT=load,
runs locustfiles/standard.py, stops the server, audits the stored counters. DATABASE_URL, REDIS_URL and .env are not
used: a load run writes. The database is made anew on the first run of a day, because its dates are relative to that
day. The result is in .local/loadtest/report.json.

exit codes: 0 every objective met; 1 an objective missed; 2 the run is invalid: nothing started, the generator failed,
or the audit found differences.
"""

import argparse
import math
import os
import sys
from pathlib import Path

import packages
import serve
from checkout import ROOT, help_parser, state
from processes import exit_on_signals, run_in_front
from production_like import NOT_OURS, QUIET, prepare, seconds, server, warm_up
from services import Services

PASS, MISSED, INVALID = 0, 1, 2
RAMP_PER_SECOND = 10


def main() -> None:
    options = parse()
    exit_on_signals()
    packages.enter()
    for name in NOT_OURS:
        os.environ.pop(name, None)
    folder = state("loadtest")
    try:
        with Services(folder) as services:
            sys.exit(run(options, folder, services))
    except SystemExit as stop:
        if isinstance(stop.code, str):  # a sentence about what did not start
            print(f"bin/loadtest: {stop.code}", file=sys.stderr)
            sys.exit(INVALID)
        raise


def parse() -> argparse.Namespace:
    parser = help_parser("bin/loadtest", __doc__)
    parser.add_argument("--users", type=int, default=100, help="people at the same time (100)")
    parser.add_argument("--time", type=seconds, default=60, help="what is measured: 45, 45s, 10m, 1h (60s)")
    parser.add_argument(
        "--warmup", type=seconds, default=10, help="before it, once all users are there; not measured (10)"
    )
    parser.add_argument("--size", choices=("load", "large"), default="load", help="the data (load)")
    parser.add_argument("--fresh", action="store_true", help="make the database anew")
    serve.add_size_options(parser)
    return parser.parse_args()


def run(options: argparse.Namespace, folder: Path, services: Services) -> int:
    environment = prepare(options.size, services, options=options)
    with server(folder, environment, options=options) as started:
        warm_up(started.url)
        verdict = attack(options, folder, started.url, environment)
    if run_in_front([sys.executable, ROOT / "manage.py", "audit"], env=environment | QUIET):
        print("bin/loadtest: the audit found differences", file=sys.stderr)
        return INVALID
    return verdict


def attack(options: argparse.Namespace, folder: Path, url: str, environment: dict[str, str]) -> int:
    """The exit code is that of locustfiles/gate.py; without its report, Locust ended before the gate could judge."""
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    ramp = math.ceil(options.users / RAMP_PER_SECOND)
    locust = [
        *(sys.executable, "-m", "locust", "-f", "locustfiles/standard.py", "--headless", "--only-summary"),
        *("--host", url, "--users", options.users, "--spawn-rate", RAMP_PER_SECOND, "--stop-timeout", "10"),
        *("--run-time", f"{ramp + options.warmup + options.time}s"),
    ]
    gate = {"DAREZONE_WARMUP_SECONDS": str(options.warmup), "DAREZONE_LOADTEST_REPORT": str(report)}
    code = run_in_front(locust, env=environment | gate)
    return code if code in (PASS, MISSED) and report.exists() else INVALID


if __name__ == "__main__":
    main()
