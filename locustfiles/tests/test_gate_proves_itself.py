"""The gate against real servers: a good one, and those with a seeded fault. `bin/test -m gate` runs these alone."""

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from locustfiles.tests import world

pytestmark = [pytest.mark.gate, pytest.mark.django_db]  # without the second there is no test database
PASSES = 10


@pytest.fixture(scope="module")
def people(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        world.populate()
        try:
            yield
        finally:
            world.empty()


@pytest.fixture(scope="module")
def good_server(people, tmp_path_factory):
    with world.server(tmp_path_factory.mktemp("good")) as started:
        yield started


class TestGoodServer:
    @pytest.mark.parametrize("number", range(1, PASSES + 1))
    def test_it_passes_each_time(self, good_server, tmp_path, number):
        run = world.attack(good_server.url, tmp_path / "run")
        if run.is_disturbed:
            pytest.skip(f"the machine is too busy to time anything: {run.reasons[-1]}")
        assert run.code == 0, run.reasons


class TestSeededFault:
    def test_a_sleep_of_250_ms_on_one_route_misses(self, people, tmp_path):
        assert ("GET /api/v1/users/me", "p50 ms") in missed_by("sleep", tmp_path)
        middle = {row["route"]: row["p50"] for row in routes(tmp_path)}
        assert middle["GET /api/v1/users/me"] > 250 > middle["GET /api/v1/challenges"]

    def test_statements_in_a_loop_miss(self, people, tmp_path):
        found = missed_by("statements", tmp_path)
        assert ("GET /api/v1/challenges", "SQL statements a request") in found
        assert ("GET /api/v1/users/me", "SQL statements a request") not in found

    def test_an_error_in_500_requests_misses(self, people, tmp_path):
        assert "failed requests" in {what for _, what in missed_by("errors", tmp_path, requests=1_000)}
        failed, sent = (sum(row[name] for row in routes(tmp_path)) for name in ("failures", "sent"))
        assert 0 < failed <= sent / 200


class TestNoServer:
    def test_a_server_that_is_not_there_is_invalid(self, tmp_path):
        run = world.attack(f"http://127.0.0.1:{world.free_port()}", tmp_path / "run")
        assert (run.code, run.report["verdict"]) == (2, "invalid"), run
        assert "the server's /health did not answer" in run.reasons

    def test_a_server_that_dies_in_the_run_is_invalid(self, people, tmp_path):
        """Its connections are refused fast: all of the run's times are good."""
        with world.server(tmp_path) as started:
            killer = threading.Thread(target=kill_when_measured, args=(started.pid, tmp_path / "run"))
            killer.start()
            run = world.attack(started.url, tmp_path / "run", requests=5_000, seconds=12)
            killer.join()
        assert run.code == 2, run
        assert "/metrics did not answer before and after the measured window" in run.reasons


def missed_by(fault: str, folder: Path, **options) -> set[tuple[str, str]]:
    """Noise excuses nothing here: it could not make a spoilt server pass."""
    with world.server(folder, fault=fault) as started:
        run = world.attack(started.url, folder / "run", noise_excuses=False, **options)
    assert run.code == 1, run.reasons
    return {(check["about"], check["what"]) for check in run.report["checks"] if check["state"] == "missed"}


def routes(folder: Path) -> list[dict]:
    return json.loads((folder / "run" / "report.json").read_text())["routes"]


def kill_when_measured(leash: int, folder: Path) -> None:
    while not (folder / "measured").exists():
        time.sleep(0.05)  # noqa: TID251
    time.sleep(0.5)  # noqa: TID251
    granian = int(Path(f"/proc/{leash}/task/{leash}/children").read_text().split()[0])
    os.killpg(granian, signal.SIGKILL)
