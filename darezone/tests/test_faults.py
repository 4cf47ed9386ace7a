"""What people see when connections, PostgreSQL or its patience end: the real server on a database of its own."""

import contextlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from darezone.tests import deployment
from darezone.tests.deployment import Answer, Load, Person


@pytest.fixture(scope="module")
def server(database):
    with deployment.server(database) as started:
        yield started


@pytest.fixture(scope="module")
def impatient(database):
    """One connection for four threads, and one second to wait for it."""
    with deployment.server(database, DATABASE_POOL_SIZE="1", DATABASE_POOL_TIMEOUT_SECONDS="1") as started:
        yield started


@pytest.fixture
def ann(server):
    return server.log_in("ann")


def at_once(person: Person, path: str, times: int) -> list[Answer]:
    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(person.get, [path] * times))


@contextlib.contextmanager
def locked(database: deployment.Database) -> Iterator[None]:
    """Nobody reads a habit meanwhile."""
    with database.connect() as connection, connection.transaction():
        connection.execute("LOCK TABLE habits")
        yield


def limit(database: deployment.Database, *, statement: int, lock: int) -> None:
    """Milliseconds, from the next connection on."""
    environment = {"DATABASE_STATEMENT_TIMEOUT_MS": str(statement), "DATABASE_LOCK_TIMEOUT_MS": str(lock)}
    database.run("manage.py", "database_limits", "--skip-checks", **environment)
    database.kill_connections()


def assert_honest(database: deployment.Database, load: Load) -> None:
    """Nothing but success and 503 with Retry-After; what was answered happened once, what was not at most once."""
    assert load.statuses("GET") <= {200, 503} and load.statuses("POST") <= {201, 503}, str(load)
    print(load)  # noqa: T201 - with -s, or when it fails
    assert all(answer.retry_after for answer in load.answers if answer.status == 503)
    with database.connect() as connection:
        sql = "SELECT name, count(*) FROM challenges WHERE name LIKE 'load %' GROUP BY name"
        made = dict(connection.execute(sql).fetchall())
    for name, status in load.created.items():
        assert made.get(name, 0) in ((1,) if status == 201 else (0, 1)), name


class TestKilledConnections:
    def test_idle_ones_are_replaced_unseen__hc54(self, database, ann):
        at_once(ann, "/users/me", 12)
        assert database.kill_connections() >= 2
        answers = at_once(ann, "/users/me", 12)
        assert {answer.status for answer in answers} == {200}
        assert max(answer.seconds for answer in answers) < 2

    def test_under_load_reads_succeed_and_writes_are_answered__hc55(self, database, ann):
        killed = 0
        with Load(ann) as load:
            for _ in range(6):
                time.sleep(0.5)  # noqa: TID251
                killed += database.kill_connections()
                load.settle()  # a read is repeated once: a slow one must not meet two
        assert killed > 6 and load.statuses("GET") == {200}
        assert_honest(database, load)


class TestRestart:
    def test_two_seconds_without_postgresql_are_survived__hc56(self, database, ann):
        with Load(ann) as load:
            time.sleep(0.7)  # noqa: TID251
            database.stop()
            stopped = time.monotonic()
            time.sleep(2)  # noqa: TID251
            database.start()
            back = time.monotonic()
            time.sleep(4)  # noqa: TID251
        assert_honest(database, load)
        later = [answer for answer in load.answers if answer.started > back + 2]
        assert {answer.status for answer in later} == {200, 201}
        assert max(answer.seconds for answer in later) < 2
        assert any(answer.started < back - 1 and answer.ended > stopped + 1 for answer in load.answers)
        assert max(answer.seconds for answer in load.answers) < 12


class TestPatience:
    def test_a_lock_held_too_long_is_answered__hc57(self, database, impatient):
        limit(database, statement=400, lock=200)
        with locked(database):
            answer = impatient.log_in("ann").get("/habits")
        assert (answer.status, answer.retry_after) == (503, "1") and answer.seconds < 3
        assert "LockNotAvailable" in impatient.log.read_text()
        assert impatient.log_in("ann").get("/habits").status == 200

    def test_a_statement_that_takes_too_long_is_answered__hc57(self, database, impatient):
        limit(database, statement=400, lock=20_000)
        with locked(database):
            answer = impatient.log_in("ann").get("/habits")
        assert (answer.status, answer.retry_after) == (503, "1") and 0.3 < answer.seconds < 3
        assert "QueryCanceled" in impatient.log.read_text()
        assert impatient.log_in("ann").get("/habits").status == 200

    def test_an_exhausted_pool_answers_in_time_and_recovers__hc57(self, database, impatient):
        limit(database, statement=20_000, lock=20_000)
        ann = impatient.log_in("ann")
        with ThreadPoolExecutor(4) as threads:
            with locked(database):
                blocked = threads.submit(ann.get, "/habits")
                threading.Event().wait(0.3)
                refused = list(threads.map(ann.get, ["/users/me"] * 3))
            assert blocked.result(10).status == 200
        assert {(answer.status, answer.retry_after) for answer in refused} == {(503, "1")}
        assert all(0.9 < answer.seconds < 5 for answer in refused)
        assert {answer.status for answer in at_once(ann, "/users/me", 4)} == {200}
