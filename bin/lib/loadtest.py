"""A load profile against a production-like server of its own.

Starts PostgreSQL and Valkey (durable, in .local/loadtest), seeds, starts what bin/serve starts with ENVIRONMENT=load,
runs a profile of locustfiles/, stops the server, audits the stored counters. DATABASE_URL, REDIS_URL and .env are not
used: a load run writes. The database is made anew on the first run of a day, because its dates are relative to that
day. Everything that was measured, and the reports, are in .local/loadtest/latest.
"""

import argparse
import os
import sys
from pathlib import Path

import loadtest_profiles as profiles
import packages
import serve
from checkout import help_parser, state
from processes import exit_on_signals, run_in_front
from production_like import NOT_OURS
from services import Services

INVALID = 2
PROFILES = f"""
profiles (without one: brief)
{profiles.lines()}

exit codes: 0 every objective met; 1 an objective missed; 2 the run is invalid and says nothing: nothing started, the
generator or the machine was too busy, or the audit found differences.
"""


def main() -> None:
    exit_on_signals()
    try:
        run_asked(parse())
    except SystemExit as stop:
        if isinstance(stop.code, str):  # a sentence about what cannot be run, or did not start
            print(f"bin/loadtest: {stop.code}", file=sys.stderr)
            sys.exit(INVALID)
        raise


def run_asked(options: argparse.Namespace) -> None:
    packages.enter()
    if options.compare:
        sys.exit(run_in_front([sys.executable, "-m", "locustfiles.compare", *options.compare]))
    for name in NOT_OURS:
        os.environ.pop(name, None)
    folder = state("loadtest")
    with Services(folder) as services:
        sys.exit(run(options, folder, services))


def parse() -> argparse.Namespace:
    parser = help_parser("bin/loadtest", __doc__)
    parser.epilog = PROFILES
    profiles.add_options(parser)
    parser.add_argument("--strict", action="store_true", help="the targets of objectives.toml decide too")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--k6", action="store_true", help="k6 runs the brief, with its own people and thresholds")
    instead.add_argument("--compare", nargs=2, metavar="FOLDER", help="two runs side by side; runs nothing")
    instead.add_argument(
        "--baseline", metavar="COMMIT", help="run against that build too, in the order ABBA, and compare"
    )
    serve.add_size_options(parser)
    return profiles.settled(parser.parse_args())


def run(options: argparse.Namespace, folder: Path, services: Services) -> int:
    from loadtest_baseline import in_turns  # they need psutil: only now the packages are there
    from loadtest_side import Side

    if options.baseline:
        return in_turns(options, folder, services)
    with Side(options, folder, services) as side:
        verdict = side.attack()
    return verdict if side.audit() else INVALID


if __name__ == "__main__":
    main()
