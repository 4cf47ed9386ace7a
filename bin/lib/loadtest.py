"""A load profile against a production-like server of its own.

Starts PostgreSQL and Valkey (durable, in .local/loadtest), seeds, starts what bin/serve starts with ENVIRONMENT=load,
runs locustfiles/standard.py, stops the server, audits the stored counters. DATABASE_URL, REDIS_URL and .env are not
used: a load run writes. The database is made anew on the first run of a day, because its dates are relative to that
day. The result is in .local/loadtest/report.json.

exit codes: 0 every objective met; 1 an objective missed; 2 the run is invalid: nothing started, the generator failed,
or the audit found differences.
"""

import argparse
import contextlib
import json
import math
import os
import re
import secrets
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import Request, urlopen

import packages
import serve
from checkout import PREPARE, ROOT, help_parser, state
from postgres import drop_database, label_of, set_label
from processes import Leashed, exit_on_signals, run_in_front
from readiness import free_port, wait_until_ready
from services import Services

PASS, MISSED, INVALID = 0, 1, 2
RAMP_PER_SECOND = 10
NOT_OURS = ("DATABASE_URL", "DATABASE_DIRECT_URL", "DATABASE_POOLER", "REDIS_URL", "DAREZONE_PROFILE")


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


def seconds(text: str) -> int:
    match = re.fullmatch(r"(\d+)([smh]?)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 45, 45s, 10m or 1h")
    return int(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


def run(options: argparse.Namespace, folder: Path, services: Services) -> int:
    environment = prepare(options, services)
    with server(options, folder, environment) as url:
        verdict = attack(options, folder, url, environment)
    if run_in_front([sys.executable, ROOT / "manage.py", "audit"], env=environment):
        print("bin/loadtest: the audit found differences", file=sys.stderr)
        return INVALID
    return verdict


def prepare(options: argparse.Namespace, services: Services) -> dict[str, str]:
    """The environment of the server, with a database seeded today."""
    database = f"darezone_{options.size}"
    url, today = services.postgres.url(database), time.strftime("seeded %Y-%m-%d", time.gmtime())
    if options.fresh or label_of(url) != today:
        drop_database(url)
    environment = services.environment(database) | {
        "ENVIRONMENT": "load",
        "DEBUG": "false",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "JWT_SIGNING_KEY": secrets.token_urlsafe(50),
        **serve.environment(options),
    }
    if run_in_front([sys.executable, PREPARE, options.size], env=environment):
        raise SystemExit("the database could not be migrated and seeded")
    set_label(url, today)
    return environment


@contextlib.contextmanager
def server(options: argparse.Namespace, folder: Path, environment: dict[str, str]) -> Iterator[str]:
    port, log_path = free_port(), folder / "log" / "server.log"
    with log_path.open("wb") as log:
        process = Leashed(serve.granian(host="127.0.0.1", port=port, options=options), log=log, env=environment)
    try:
        if not wait_until_ready(port, ended_within=process.ended_within, seconds=60):
            raise SystemExit(f"the server did not become ready:\n{log_path.read_text(errors='replace')[-3000:]}")
        url = f"http://127.0.0.1:{port}"
        warm_up(url)
        yield url
    finally:
        process.stop()


def warm_up(url: str) -> None:
    """A process that has just started imports, connects and compiles on its first calls: those are not measured."""
    with ThreadPoolExecutor(max_workers=8) as threads:
        for call in [threads.submit(visit, url) for _ in range(48)]:
            call.result()


def visit(url: str) -> None:
    """One log-in and two reads of the account that is not among those of the run."""
    credentials = json.dumps({"email": "test@example.com", "password": "password"}).encode()
    login = Request(f"{url}/api/v1/auth/login", credentials, {"Content-Type": "application/json"})  # noqa: S310
    with urlopen(login, timeout=30) as answer:  # noqa: S310
        token = json.load(answer)["access_token"]
    for path in ("users/me", "challenges"):
        with urlopen(Request(f"{url}/api/v1/{path}", headers={"Authorization": f"Bearer {token}"}), timeout=30):  # noqa: S310
            pass


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
