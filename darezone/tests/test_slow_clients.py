"""Connections that only last: bin/serve alone, and behind nginx as docker-compose.yml ships it."""

import contextlib
import os
import resource
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from darezone.tests import deployment
from darezone.tests.deployment import Database, Person, Server, children, until

from processes import Leashed  # isort: skip - modules of bin/lib, which deployment puts on the path
from readiness import free_port, wait_until_ready  # isort: skip
from slow_clients import NUMBER, SlowClients  # isort: skip
import wheels  # isort: skip

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = wheels.nginx()
LONGEST = 5  # seconds; a normal answer takes milliseconds, a starved one does not come

needs_nginx = pytest.mark.skipif(not PROGRAM, reason="no nginx on this Mac with Intel: brew install nginx")


@pytest.fixture(scope="module")
def server(database):
    with deployment.server(database, workers=2) as started:
        yield started


@pytest.fixture(scope="module")
def front(database, server):
    with nginx(database, server) as port:
        yield server._replace(port=port)


@contextlib.contextmanager
def nginx(database: Database, server: Server) -> Iterator[int]:
    """The configuration that ships, with the addresses and folders of a test."""
    port = free_port()
    folder = database.folder / f"nginx-{port}"
    folder.mkdir(mode=0o711)
    changes = {
        "server web:8000 resolve;": f"server 127.0.0.1:{server.port};",
        "listen 8080": f"listen 127.0.0.1:{port}",
        "/tmp/": f"{folder}/",  # noqa: S108
    }
    text = (ROOT / "nginx.conf").read_text()
    for shipped, ours in changes.items():
        assert shipped in text
        text = text.replace(shipped, ours)
    file = folder / "nginx.conf"
    file.write_text(text)
    command = [PROGRAM, "-e", "stderr", "-c", file, "-g", f"daemon off; {user()}"]
    with (folder / "log").open("wb") as log:
        process = Leashed(command, log=log)
    try:
        assert wait_until_ready(port, ended_within=process.ended_within, seconds=20), (folder / "log").read_text()
        yield port
    finally:
        process.stop()


def user() -> str:
    """Of its own folder; the image has a user for it."""
    return "user root root;" if os.getuid() == 0 else ""


def normal_requests(person: Person) -> list[int]:
    """100 of them by four people at once."""
    paths = ["/users/me", "/challenges", "/habits", "/notifications"] * 25
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(person.get, paths))
    print(f"slowest of {len(answers)}: {max(answer.seconds for answer in answers):.3f} s")  # noqa: T201 - with -s
    assert max(answer.seconds for answer in answers) < LONGEST
    return [answer.status for answer in answers]


@contextlib.contextmanager
def many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2000), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class TestServerAlone:
    @pytest.mark.parametrize("kind", ["silent", "head"])
    def test_idle_and_trickling_sockets_change_nothing_for_others__hc59(self, server, kind):
        ann = server.log_in("ann")
        assert normal_requests(ann) == [200] * 100
        with SlowClients(server.port, kind) as slow:
            threading.Event().wait(1.5)
            assert normal_requests(ann) == [200] * 100
            assert slow.connected() == NUMBER and slow.rounds >= 1

    def test_who_keeps_a_connection_leaves_room_for_others(self, server):
        """granian's own limit is 1024 for all processes; beyond it connections are taken, and not answered."""
        ann = server.log_in("ann")
        with many_files(), contextlib.ExitStack() as kept:
            for _ in range(1300):
                client = kept.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=LONGEST))
                client.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert client.recv(4096).startswith(b"HTTP/1.1 200")
            assert normal_requests(ann) == [200] * 100

    def test_a_body_that_trickles_takes_a_thread__which_is_why_nginx_stands_before_it(self, server):
        ann = server.log_in("ann")
        with ThreadPoolExecutor(1) as threads, SlowClients(server.port, "body"):
            threading.Event().wait(1.5)
            waiting = threads.submit(ann.get, "/users/me")
            threading.Event().wait(2)
            assert not waiting.done()
        assert waiting.result(20).status == 200


@needs_nginx
class TestBehindNginx:
    @pytest.mark.parametrize("kind", ["silent", "head", "body"])
    def test_idle_and_trickling_sockets_change_nothing_for_others__hc59(self, front, kind):
        ann = front.log_in("ann")
        assert normal_requests(ann) == [200] * 100
        with SlowClients(front.port, kind) as slow:
            threading.Event().wait(1.5)
            assert normal_requests(ann) == [200] * 100
            assert slow.connected() == NUMBER and slow.rounds >= 1

    def test_the_answers_of_the_server_pass_unchanged(self, front, server):
        alone, behind = server.log_in("ann").get("/challenges"), front.log_in("ann").get("/challenges")
        assert (behind.status, behind.body) == (alone.status, alone.body)
        assert front.log_in("ann").post("/challenges", {"name": ""}).status == 422
        assert Person(front.port, {"X-Long": "x" * 40_000}).get("/users/me").status == 431

    def test_a_server_that_is_away_is_told_as_the_contract_says(self, database):
        with deployment.server(database) as stopping, nginx(database, stopping) as port:
            os.kill(stopping.pid, signal.SIGTERM)
            until(lambda: not children(stopping.leash))
            answer = Person(port, {}).get("/users/me")
        assert (answer.status, answer.retry_after, answer.body["code"]) == (503, "1", "service_unavailable")
