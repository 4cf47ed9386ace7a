"""The worker, on a database of its own: it takes jobs by the clock, outlives the database and stops when it is told."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from apps.notifications.tests.expo import Expo, listening
from darezone.tests import deployment
from darezone.tests.deployment import children, until

sys.path.append(str(Path(__file__).resolve().parents[2] / "bin" / "lib"))
from processes import Leashed  # noqa: E402

TOLD = """
WITH told AS (
    INSERT INTO notifications (id, user_id, type, title, body, data, is_read, created_at)
    SELECT gen_random_uuid(), id, 'member_joined', %s, 'b', '{}', false, now() FROM users WHERE push_token IS NOT NULL
    RETURNING id
)
INSERT INTO push_outbox (notification_id, attempts, next_attempt_at) SELECT id, 0, now() FROM told RETURNING 1
"""
OF_JOBS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'darezone-command'"


@pytest.fixture(scope="module")
def database():
    with deployment.database() as made:
        with made.connect() as connection:
            one = "(SELECT id FROM users ORDER BY id LIMIT 1)"
            connection.execute(f"UPDATE users SET push_token = 'ExponentPushToken[w]' WHERE id = {one}")  # noqa: S608
        yield made


@pytest.fixture(scope="module")
def expo():
    return Expo()


@pytest.fixture(scope="module")
def worker(database, expo):
    log = database.folder / "log" / "worker.log"
    with listening(expo) as port, log.open("wb") as file:
        pushes = {"EXPO_ACCESS_TOKEN": "secret", "EXPO_PUSH_URL": f"http://127.0.0.1:{port}/push"}
        environment = database.environment() | pushes | {"LOG_LEVEL": "INFO"}
        process = Leashed([sys.executable, "manage.py", "worker"], log=file, env=environment)
        process.log = log
        try:
            until(lambda: "worker ready" in log.read_text(), seconds=60)
            yield process
        finally:
            process.stop()


def sent(expo):
    return [message["title"] for messages in expo.requests for message in messages]


class TestWorker:
    """One after the other, with one worker."""

    def test_it_takes_what_is_due_by_the_clock(self, database, worker, expo):
        database.value(TOLD, "first")
        until(lambda: "first" in sent(expo), seconds=30)
        until(lambda: database.value("SELECT count(*) FROM push_outbox") == 0)
        run = "SELECT outcome || ' ' || (counts ->> 'sent') FROM job_runs WHERE name = 'send-pushes'"
        until(lambda: database.value("SELECT count(*) FROM job_runs WHERE name = 'send-pushes'") > 0)
        assert database.value(run) == "done 1"

    def test_it_listens(self, database, worker):
        listeners = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN %%' OR query = 'SELECT 1'"
        assert database.value(listeners) >= 1

    def test_the_queue_keeps_nothing_of_what_ran(self, database, worker):
        until(lambda: database.value("SELECT count(*) FROM procrastinate_jobs WHERE status <> 'todo'") == 0)

    def test_it_leaves_no_connection_to_die_until_the_next_job(self, database, worker):
        until(lambda: database.value(OF_JOBS) == 0)

    def test_it_outlives_a_restart_of_the_database(self, database, worker, expo):
        before = children(worker.process.pid)
        database.stop()
        time.sleep(1)  # noqa: TID251
        database.start()
        database.value(TOLD, "after the restart")
        until(lambda: "after the restart" in sent(expo), seconds=60)
        assert children(worker.process.pid) == before
        assert database.value("SELECT count(*) FROM job_runs WHERE outcome = 'failed'") == 0

    def test_it_stops_when_it_is_told_to(self, worker):
        (pid,) = children(worker.process.pid)
        os.kill(pid, signal.SIGTERM)
        assert worker.wait() == 0
        assert "worker stopped" in worker.log.read_text()
