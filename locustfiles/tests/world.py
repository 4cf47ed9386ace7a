"""A real server over this run's test database, people who can log in to it, and real load runs against it."""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from django.apps import apps
from django.core.management import call_command
from django.db import connection

from apps import testing
from apps.challenges.models import Habit
from darezone.tests.test_server_metrics import environment

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "bin" / "lib"))
import production_like  # noqa: E402
import serve  # noqa: E402
from readiness import free_port  # noqa: E402, F401

PEOPLE, CHALLENGES, HABITS = 4, 10, 4
OBJECTIVES = Path(__file__).with_name("hurried.toml")


class Run(NamedTuple):
    code: int
    folder: Path
    said: str

    @property
    def report(self) -> dict:
        return json.loads((self.folder / "report.json").read_text())

    @property
    def reasons(self) -> list[str]:
        return self.report["reasons"] if (self.folder / "report.json").exists() else [self.said]

    @property
    def is_disturbed(self) -> bool:
        """Invalid for nothing but slow answers, while other work had the machine: it says nothing about the gate."""
        wrong = [check for check in self.report["checks"] if check["state"] != "met" and check["level"] != "target"]
        noise = any(check["level"] == "note" for check in wrong)
        return (
            self.code == 2
            and noise
            and all(check["what"].endswith((" ms", "hit ratio")) or check["level"] == "note" for check in wrong)
        )

    def __repr__(self) -> str:
        return f"exit code {self.code}:\n{self.said}"


def populate() -> None:
    """As `seed --size load` would, for a few: everybody has pairs to check in today."""
    refuse_another_database()
    for number in range(1, PEOPLE + 1):
        person = testing.make_user(f"Load {number}", email=f"load{number:05d}@example.com")
        for _ in range(CHALLENGES):
            testing.make_challenge(person, habits=HABITS)


def refuse_another_database() -> None:
    """What follows fills and empties it."""
    if not connection.settings_dict["NAME"].startswith("test_"):
        raise RuntimeError(f"{connection.settings_dict['NAME']} is not the database of a test run")


def empty() -> None:
    refuse_another_database()
    call_command("flush", interactive=False, verbosity=0)
    if not Habit.objects.filter(is_system=True).exists():
        import_module("apps.challenges.migrations.0002_system_habits").create_habits(apps, None)
    connection.close()


@contextlib.contextmanager
def server(folder: Path, *, fault: str = "") -> Iterator[production_like.Started]:
    options = argparse.Namespace(workers=1, threads=4)
    (folder / "log").mkdir(exist_ok=True)
    settings = environment() | serve.environment(options) | {"SEEDED_FAULT": fault}
    settings |= {"ALLOWED_HOSTS": "localhost,127.0.0.1"}  # the former asks whether it is ready
    application = "locustfiles.tests.seeded:application" if fault else serve.APPLICATION
    try:
        with production_like.server(
            folder, settings, options=options, name=fault or "server", application=application
        ) as started:
            yield started
    finally:
        shutil.rmtree(settings["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)


def attack(url: str, folder: Path, *, requests: int = 300, seconds: int = 90, noise_excuses=True) -> Run:
    """The gate's own process, as bin/loadtest starts it."""
    folder.mkdir()
    (folder / OBJECTIVES.name).write_text(asked(noise_excuses))
    plan = {"profile": "hurried", "objectives": str(folder / OBJECTIVES.name), "parameters": {"warmup": 0.5}}
    plan["server"] = {"runner_pid": os.getpid()}
    (folder / "plan.json").write_text(json.dumps(plan))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "locust", "-f", "locustfiles/tests/hurried.py", "--headless", "--only-summary"),
            *("--host", url, "--users", str(PEOPLE), "--spawn-rate", str(PEOPLE), "--run-time", f"{seconds}s"),
            *("--stop-timeout", "5", "--loglevel", "WARNING"),
        ],
        cwd=ROOT,
        env=os.environ | {"DAREZONE_LOADTEST_FOLDER": str(folder), "HURRIED_REQUESTS": str(requests)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    return Run(done.returncode, folder, done.stdout + done.stderr)


def asked(noise_excuses: bool) -> str:
    text = OBJECTIVES.read_text()
    return text if noise_excuses else text.replace("foreign_share_percent = 75", "foreign_share_percent = 100")
