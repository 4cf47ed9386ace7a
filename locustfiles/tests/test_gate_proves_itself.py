"""The gate against real servers: a good one, and those with a seeded fault. `bin/test -m gate` runs these alone."""

import os
import signal
import threading
from pathlib import Path

import pytest

from locustfiles.tests import world

pytestmark = pytest.mark.gate
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
        assert (run.code, run.reasons) == (0, []), run


class TestSeededFault:
    def test_a_sleep_of_250_ms_on_one_route_misses(self, people, tmp_path):
        run = spoilt("sleep", tmp_path)
        assert missed(run) == {("GET /api/v1/users/me", "p95 ms")}, run

    def test_statements_in_a_loop_miss(self, people, tmp_path):
        run = spoilt("statements", tmp_path)
        assert ("GET /api/v1/challenges", "SQL statements a request") in missed(run), run

    def test_an_error_in_500_requests_misses(self, people, tmp_path):
        run = spoilt("errors", tmp_path, pause=0.015, seconds=6)
        assert {what for _, what in missed(run)} == {"failed requests"}, run
        failed, sent = (sum(row[name] for row in run.report["routes"]) for name in ("failures", "sent"))
        assert 0 < failed <= sent / 200, run


class TestNoServer:
    def test_a_server_that_is_not_there_is_invalid(self, tmp_path):
        run = world.attack(f"http://127.0.0.1:{world.free_port()}", tmp_path / "run")
        assert (run.code, run.report["verdict"]) == (2, "invalid"), run
        assert "the server's /health did not answer" in run.report["reasons"]

    def test_a_server_that_dies_in_the_run_is_invalid(self, people, tmp_path):
        """Its connections are refused fast: all of the run's times are good."""
        with world.server(tmp_path) as started:
            threading.Timer(5, os.killpg, (served_by(started.pid), signal.SIGKILL)).start()
            run = world.attack(started.url, tmp_path / "run")
        assert run.code == 2, run
        assert "/metrics did not answer before and after the measured window" in run.report["reasons"]


def spoilt(fault: str, folder: Path, **options) -> world.Run:
    with world.server(folder, fault=fault) as started:
        run = world.attack(started.url, folder / "run", **options)
    assert run.code == 1, run
    return run


def missed(run: world.Run) -> set[tuple[str, str]]:
    return {(check["about"], check["what"]) for check in run.report["checks"] if check["state"] == "missed"}


def served_by(leash: int) -> int:
    """The process group of the server: granian and its workers."""
    return int(Path(f"/proc/{leash}/task/{leash}/children").read_text().split()[0])
