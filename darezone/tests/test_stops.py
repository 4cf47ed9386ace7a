"""What requests see when processes of the server end: all at once, one after the other, or one by force."""

import fcntl
import http.client
import math
import os
import signal
import socket
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from darezone.tests import deployment
from darezone.tests.deployment import Answer, Database, Person, Server, children, until
from darezone.tests.test_faults import locked

RUNS = count()  # names must differ from those of earlier callers in the same database; an id() comes back
MIGRATE = Path("/proc/sys/net/ipv4/tcp_migrate_req")
SET_FLAGS, UP = 0x8914, 0x41  # of a network interface: it is up and running
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest.fixture
def server(database):
    with deployment.server(database, workers=2) as started:
        until(lambda: started.listening() == 2)
        yield started


@pytest.fixture
def network():
    """One of the test's own, which is told what docker-compose.yml tells its container; where that is not allowed,
    the machine's."""
    if sys.platform != "linux":
        yield
        return
    with Path(f"/proc/self/task/{threading.get_native_id()}/ns/net").open() as machine:
        try:
            os.unshare(os.CLONE_NEWNET)
        except PermissionError:
            yield
            return
        try:
            with socket.socket() as any_socket:
                fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh14x", b"lo", UP))
            MIGRATE.write_text("1")
            yield
        finally:
            os.setns(machine.fileno(), os.CLONE_NEWNET)


@pytest.fixture
def patient(network, database, monkeypatch):
    """A reload does not wait until a worker has loaded, but a fixed time: here four times what loading takes now."""
    began = time.monotonic()
    with deployment.server(database, workers=2) as first:
        until(lambda: first.listening() == 2)
        monkeypatch.setenv("WEB_RELOAD_SECONDS", str(4 * math.ceil(time.monotonic() - began)))
    with deployment.server(database, workers=2) as started:
        until(lambda: started.listening() == 2)
        yield started


class Callers:
    """Eight people who read and write, each call over a new connection, until the block ends."""

    def __init__(self, person: Person):
        self.person, self.over = person, threading.Event()
        self.prefix = f"stop {next(RUNS)}:"
        self.outcomes: Counter[str] = Counter()
        self.lost: list[tuple[float, str, str]] = []  # when it began, what it was to write, what became of it
        self.written: dict[str, bool] = {}
        self.threads = [threading.Thread(target=self.run, args=(number,)) for number in range(8)]

    def __enter__(self) -> "Callers":
        for thread in self.threads:
            thread.start()
        until(lambda: self.outcomes.total() > 50)
        return self

    def __exit__(self, *exc) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(60)
        print(dict(self.outcomes), sorted(why for _, _, why in self.lost))  # noqa: T201 - with -s, or when it fails

    def run(self, number: int) -> None:
        turn = 0
        while not self.over.wait(0.005):
            turn += 1
            self.call(lambda: self.person.get("/users/me"))
            name = f"{self.prefix} {number} {turn}"
            self.written[name] = self.call(lambda name=name: self.person.create_challenge(name), name)

    def call(self, what: Callable[[], Answer], name: str = "") -> bool:
        began = time.monotonic()
        try:
            outcome = str(what().status)
        except ConnectionRefusedError:
            outcome = "refused"  # nobody has taken it: the client knows that nothing was done
        except (OSError, http.client.HTTPException) as error:
            outcome = "lost"
            self.lost.append((began, name, type(error).__name__))
        self.outcomes[outcome] += 1
        return outcome == "201"

    def more(self, number: int) -> None:
        enough = self.outcomes.total() + number
        until(lambda: self.outcomes.total() >= enough)

    def assert_once(self, database: Database) -> dict[str, int]:
        """What was answered happened once, what was not at most once. Returns what was made how often."""
        with database.connect() as connection:
            sql = "SELECT name, count(*) FROM challenges WHERE name LIKE %s GROUP BY name"
            made = dict(connection.execute(sql, [f"{self.prefix} %"]).fetchall())
        allowed = {name: {1} if answered else {0, 1} for name, answered in self.written.items()}
        assert {name: made.get(name, 0) for name in allowed if made.get(name, 0) not in allowed[name]} == {}
        return made

    def assert_untaken(self, database: Database) -> None:
        """Only the kernel had what was lost: connections that it gives back when nobody is left to take them."""
        made = self.assert_once(database)
        assert {why for _, _, why in self.lost} <= {"ConnectionResetError"}
        assert not [name for _, name, _ in self.lost if name in made]


def refuses(server: Server) -> bool:
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False


def migrates() -> bool:
    """Whether the kernel gives what a closing worker has not taken to another one, as docker-compose.yml asks it to."""
    return MIGRATE.exists() and MIGRATE.read_text().strip() == "1"


class TestStop:
    def test_it_answers_what_it_has_taken_and_takes_nothing_new__hc58(self, database):
        with deployment.server(database, threads=4) as server, ThreadPoolExecutor(16) as threads:
            ann = server.log_in("ann")
            with locked(database):
                begun = [threads.submit(ann.get, "/habits") for _ in range(16)]
                until(lambda: database.value(WAITING) == 4)  # as many as there are threads; the others queue
                os.kill(server.pid, signal.SIGTERM)
                until(lambda: refuses(server), seconds=2)
            assert Counter(answer.result(30).status for answer in begun) == {200: 16}
            until(lambda: not children(server.leash))

    def test_it_loses_nothing_that_it_has_taken_under_load__hc58(self, database, server):
        with Callers(server.log_in("ann")) as callers:
            os.kill(server.pid, signal.SIGTERM)
            until(lambda: callers.outcomes["refused"] > 20)
            until(lambda: not children(server.leash))
        assert set(callers.outcomes) <= {"200", "201", "refused", "lost"} and len(callers.lost) <= 8
        callers.assert_untaken(database)


class TestReload:
    def test_it_loses_nothing_under_load__hc58(self, database, patient):
        before = set(patient.workers())
        with Callers(patient.log_in("ann")) as callers:
            os.kill(patient.pid, signal.SIGHUP)
            until(lambda: len(patient.workers()) == 2 and not before & set(patient.workers()), seconds=300)
            callers.more(100)
        untaken = callers.outcomes["refused"] + callers.outcomes["lost"]
        assert set(callers.outcomes) <= {"200", "201", "refused", "lost"} and untaken <= (0 if migrates() else 8)
        callers.assert_untaken(database)


class TestKill:
    def test_it_costs_what_one_worker_had_at_most__hc58(self, database, server):
        victim = server.workers()[0]
        with Callers(server.log_in("ann")) as callers:
            os.kill(victim, signal.SIGKILL)
            until(lambda: victim not in server.workers())
            gone = time.monotonic()
            until(lambda: server.listening() == 2)
            callers.more(200)
        assert set(callers.outcomes) <= {"200", "201", "lost"}
        # A caller may lose the call in hand and, while the kernel takes its sockets one after another, the next one.
        assert len(callers.lost) <= 16 and all(began < gone for began, _, _ in callers.lost)
        callers.assert_once(database)
