"""The people of the load run and its open model, against a real server over a small world of the seed."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from apps.core.tests.routes import api_routes
from apps.profiling.seeding.fill import fill
from locustfiles import record
from locustfiles.objectives import plain
from locustfiles.tests import world

pytestmark = pytest.mark.django_db  # without one in the session there is no test database
# The same handlers under other names (contract 1.1), and what only answers that it is there.
ALIASES = {"GET /api/v1/challenges/{}/checkins/today", "PUT /api/v1/users/me"}
RATE, STALL_SECONDS = 60, 1.0


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock():
        fill("load", 7, lambda table: lambda count: None, people=30, rounds=4, group=6)
        connection.close()
        try:
            with world.server(tmp_path_factory.mktemp("people")) as started:
                yield started
        finally:
            world.empty()


def attack(url: str, folder: Path, script: str, *options: str, **parameters: int) -> record.Record:
    folder.mkdir()
    plan = {"profile": script, "parameters": {"warmup": 0} | parameters}
    (folder / "plan.json").write_text(json.dumps(plan))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "locust", "-f", f"locustfiles/{script}.py", "--headless", "--only-summary"),
            *("--host", url, "--stop-timeout", "5", "--loglevel", "WARNING", *options),
        ],
        cwd=world.ROOT,
        env=os.environ | {record.FOLDER: str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (folder / record.RUN).exists(), done.stdout + done.stderr
    return record.read(folder)


def people(users: int, *, seconds: int) -> list[str]:
    return ["--users", str(users), "--spawn-rate", str(users), "--run-time", f"{seconds}s"]


class TestPeople:
    def test_they_use_every_route_and_believe_every_answer(self, server, tmp_path):
        run = attack(server.url, tmp_path / "run", "tests/hurried_people", *people(8, seconds=60))
        assert [sample for sample in run.samples if sample.problem] == []
        assert run.facts["script_errors"] == []
        used = {plain(sample.route) for sample in run.samples if not sample.is_setup}
        staff = {route for route in all_routes() if "/admin/" in route}
        assert used == all_routes() - ALIASES - staff
        assert not [route for route in used if re.search("[0-9a-f]{8}", route)]
        entered = [sample.start for sample in run.samples if sample.route.endswith(("/auth/login", "/auth/signup"))]
        assert max(entered) - min(entered) > 0.95  # eight people and a friend: Locust starts them all at once

    def test_what_they_wrote_is_counted_right(self, server):
        call_command("audit", verbosity=0)


class TestSteady:
    def test_a_stalled_server_is_not_forgiven(self, server, tmp_path):
        """All calls that should have begun meanwhile are late. Six people who wait would have measured six."""
        stalling = threading.Thread(target=stall, args=(server.pid, tmp_path / "run" / record.MEASURED))
        stalling.start()
        run = attack(server.url, tmp_path / "run", "steady", *people(6, seconds=6), rate=RATE)
        stalling.join()
        calls = [sample for sample in run.samples if sample.phase == record.MEASURED and not sample.is_setup]
        late = [sample for sample in calls if sample.ms > 300 * STALL_SECONDS]
        assert len(late) > 0.3 * RATE * STALL_SECONDS
        assert max(sample.ms for sample in calls) > 800 * STALL_SECONDS
        starts = [sample.start for sample in calls]
        assert 0.6 * RATE < len(starts) / (max(starts) - min(starts)) < 1.5 * RATE


class TestCapacity:
    def test_a_step_is_measured_when_all_its_people_are_there(self, server, tmp_path):
        """Ten log-ins a second, though nobody says so to Locust, which would take it for one."""
        run = attack(server.url, tmp_path / "run", "capacity", users=12, most=12, time=4)
        (step,) = run.facts["steps"]
        assert step["users"] == 12 and 2 < step["requests_per_second"] < 12
        entered = [sample for sample in run.samples if sample.route == "POST /api/v1/auth/login"]
        assert len(entered) == 12 and "12" not in {sample.phase for sample in entered}
        assert 0.8 < max(sample.start for sample in entered) - min(sample.start for sample in entered) < 5


def all_routes() -> set[str]:
    return {plain(f"{method.upper()} /{route.pattern}") for route in api_routes() for method in route.methods}


def stall(leash: int, begun: Path) -> None:
    """Every process of the server holds its breath, once people have found their places."""
    deadline = time.monotonic() + 60
    while not begun.exists() and time.monotonic() < deadline:
        time.sleep(0.05)  # noqa: TID251
    time.sleep(2.5)  # noqa: TID251
    group = int(Path(f"/proc/{leash}/task/{leash}/children").read_text().split()[0])
    os.killpg(group, signal.SIGSTOP)
    time.sleep(STALL_SECONDS)  # noqa: TID251 - the stall itself
    os.killpg(group, signal.SIGCONT)
