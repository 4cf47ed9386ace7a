"""One run of Locust against a server that stands, with its plan before and its folder afterwards."""

import argparse
import contextlib
import math
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from loadtest_faults import Faults
from loadtest_profiles import PROFILES
from processes import run_in_front
from production_like import Started
from services import Services

PASSED, MISSED, INVALID = 0, 1, 2
RAMP_PER_SECOND = 10


def attack(
    options: argparse.Namespace, folder: Path, *, started: Started, services: Services, environment: dict[str, str]
) -> int:
    """The exit code is that of locustfiles/gate.py; without run.json, Locust ended before the gate could judge."""
    with broken_meanwhile(options, folder, services=services, database_url=environment["DATABASE_URL"]):
        code = run_in_front(locust(options, started.url), env=environment | {"DAREZONE_LOADTEST_FOLDER": str(folder)})
    return code if code in (PASSED, MISSED) and (folder / "run.json").exists() else INVALID


def locust(options: argparse.Namespace, url: str) -> list:
    profile = PROFILES[options.profile]
    command = [
        *(sys.executable, "-m", "locust", "-f", f"locustfiles/{profile.script}.py", "--headless", "--only-summary"),
        *("--host", url, "--stop-timeout", "10", "--loglevel", "WARNING"),
    ]
    if profile.has_shape:
        return command
    ramp = math.ceil(options.users / RAMP_PER_SECOND)
    seconds = ramp + options.warmup + options.time
    return [*command, "--users", options.users, "--spawn-rate", RAMP_PER_SECOND, "--run-time", f"{seconds}s"]


def k6(url: str) -> int:
    """The brief by k6, which leaves no folder. Its own exit code for a threshold that was crossed is 99."""
    if not shutil.which("k6"):
        raise SystemExit("there is no k6 on the PATH")
    code = run_in_front(["k6", "run", "--no-usage-report", "--quiet", "-e", f"HOST={url}", "locustfiles/brief.k6.js"])
    return {0: PASSED, 99: MISSED}.get(code, INVALID)


@contextlib.contextmanager
def broken_meanwhile(
    options: argparse.Namespace, folder: Path, *, services: Services, database_url: str
) -> Iterator[None]:
    if options.profile != "faults":
        yield
        return
    faults = Faults(folder, services=services, database_url=database_url, seconds=options.time)
    faults.start()
    try:
        yield
    finally:
        faults.end()
