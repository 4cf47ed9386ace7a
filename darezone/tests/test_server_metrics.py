"""What two workers of the real server count and log, seen from outside."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest
from django.db import connection

from darezone.tests.test_server import ROOT, ask, wait_until_alive

ALIVE = 'darezone_request_seconds_count{method="GET",route="/health/live",status="200"}'
NOT_FOUND = 'darezone_request_seconds_count{method="GET",route="-",status="404"}'
SECRET = "hunter2-secret"


class Server(NamedTuple):
    port: int
    pid: int
    log: Path

    def number(self, series: str) -> float:
        status, body = ask(self.port, "/metrics")
        assert status == 200
        found = re.search(rf"^{re.escape(series)} (\S+)$", body.decode(), re.MULTILINE)
        return float(found[1]) if found else 0.0

    def workers(self) -> list[int]:
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    """`bin/serve` with two workers over this run's test database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log"
    command = [sys.executable, ROOT / "bin/lib/serve.py", "--port", str(port), "--workers", "2", "--threads", "2"]
    with log.open("wb") as out, subprocess.Popen(command, env=environment(), stderr=out) as process:
        try:
            wait_until_alive(port, process)
            yield Server(port, process.pid, log)
        finally:
            process.terminate()
            process.wait(timeout=45)  # a worker that is just starting hears nothing, and is killed after 30 seconds


def environment() -> dict[str, str]:
    database = connection.settings_dict
    parts = {name: quote(str(database[name]), safe="") for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")}
    return os.environ | {
        "ENVIRONMENT": "load",
        "LOG_FORMAT": "json",
        "SECRET_KEY": "s" * 60,
        "JWT_SIGNING_KEY": "j" * 60,
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**parts),
        "DATABASE_POOLER": "direct",
        "DATABASE_MAX_CONNECTIONS": "0",
    }


def until(condition: Callable[[], bool]) -> None:
    for _ in range(100):
        if condition():
            return
        time.sleep(0.1)  # noqa: TID251
    raise AssertionError("it did not happen within ten seconds")


class TestNumbers:
    def test_they_add_up_over_the_workers(self, server):
        until(lambda: server.number("darezone_workers") == 2)
        alive, missing = server.number(ALIVE), server.number(NOT_FOUND)
        for number in range(200):
            assert ask(server.port, "/health/live")[0] == 200
            assert ask(server.port, f"/nothing/{number}")[0] == 404
        assert (server.number(ALIVE) - alive, server.number(NOT_FOUND) - missing) == (200, 200)

    def test_both_workers_have_counted(self, server):
        seen = {Path(name).name for pid in server.workers() for name in mapped(pid) if "histogram_" in name}
        assert len(seen) == 2

    def test_the_pools_of_both_are_there(self, server):
        for _ in range(20):
            assert ask(server.port, "/health/ready")[0] == 200
        limit, size = 'darezone_db_pool_limit{database="default"}', 'darezone_db_pool_size{database="default"}'
        until(lambda: server.number(limit) == 4)
        assert 2 <= server.number(size) <= 4
        until(lambda: server.number('darezone_db_pool_used{database="default"}') == 0)

    def test_a_worker_that_dies_leaves_its_counts_and_takes_its_connections(self, server):
        alive = server.number(ALIVE)
        victim = server.workers()[0]
        os.kill(victim, signal.SIGKILL)
        until(lambda: victim not in server.workers() and len(server.workers()) == 2)
        wait_until_answered(server)
        until(lambda: server.number("darezone_workers") == 2)
        asked = sum(line.get("route") == "/health/live" for line in server.lines())
        assert server.number(ALIVE) == asked > alive

    def test_a_start_begins_at_nothing_and_removes_what_ended_servers_left(self, server, tmp_path):
        ended = subprocess.Popen([sys.executable, "-c", ""])
        ended.wait()
        left, ours = tmp_path / f"darezone-metrics-{ended.pid}-x", tmp_path / f"darezone-metrics-{server.pid}-y"
        left.mkdir()
        ours.mkdir()
        code = "import sys; sys.path.insert(0, 'bin/lib'); import serve; print(serve.metrics_folder())"
        made = subprocess.check_output(
            [sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"TMPDIR": str(tmp_path)}, text=True
        ).strip()
        assert list(Path(made).iterdir()) == []
        assert (left.exists(), ours.exists()) == (False, True)


def mapped(pid: int) -> list[str]:
    return [line.split()[-1] for line in Path(f"/proc/{pid}/maps").read_text().splitlines() if ".db" in line]


def wait_until_answered(server: Server) -> None:
    """The worker that died may have taken a connection with it."""
    for _ in range(20):
        try:
            ask(server.port, "/health/live")
        except OSError:
            time.sleep(0.1)  # noqa: TID251


class TestLog:
    def test_each_request_has_exactly_one_line(self, server):
        before = len(server.lines())
        statuses = [ask(server.port, path)[0] for path in ("/health/ready", "/nothing", "/api/v1/habits", "/docs")]
        statuses.append(ask(server.port, "/health/live", Host="evil.example")[0])
        lines = server.lines()[before:]
        assert [line["status"] for line in lines] == statuses == [200, 404, 401, 404, 400]
        assert {line["logger"] for line in lines} == {"darezone.requests"}

    def test_it_has_no_secrets(self, server):
        body = json.dumps({"email": "kim@example.com", "password": SECRET}).encode()
        sent = {"Content-Type": "application/json", "Authorization": f"Bearer {SECRET}", "X-Forwarded-For": "192.0.2.7"}
        ask(server.port, f"/api/v1/auth/login?next={SECRET}", "POST", body, **sent)
        ask(server.port, f"/api/v1/users/search?q={SECRET}", **sent)
        logged = server.log.read_text()
        assert '"route":"/api/v1/users/search"' in logged
        assert [secret for secret in (SECRET, "kim@example.com", "192.0.2.7", "127.0.0.1") if secret in logged] == []
