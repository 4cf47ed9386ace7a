"""The recorder's thread begins late and ends in order, and processes add to the same rows."""

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection

from apps.core import clock, measured
from apps.profiling import storing
from apps.profiling.models import RouteCost
from apps.profiling.recorder import Recorder
from apps.profiling.sums import Sums
from apps.profiling.tests.database_url import url_of
from apps.profiling.tests.recorded import empty


class TestThread:
    def test_it_begins_with_the_first_request_and_stores_at_the_end(self, db, as_owner):
        empty()
        found = Recorder()
        found.start()
        try:
            assert found.thread is None
            as_owner.get("/health/live")
            assert found.thread.daemon and found.thread.is_alive()
        finally:
            found.stop()
        assert not found.thread.is_alive()
        assert RouteCost.objects.get(route="/health/live").requests == 1
        empty()

    def test_it_listens_once_and_stops_listening(self, db):
        before = len(measured.statement_watchers), len(measured.request_watchers)
        found = Recorder()
        found.start()
        found.start()
        assert len(measured.request_watchers) == before[1] + 1
        found.stop()
        assert (len(measured.statement_watchers), len(measured.request_watchers)) == before

    def test_a_failure_is_logged_and_not_the_end(self, caplog, monkeypatch):
        found = Recorder()
        monkeypatch.setattr(found, "add_up", lambda: 1 / 0)
        found.look(storing=False)
        assert "What some requests cost is lost." in caplog.text


REQUEST = """
import os, sys
os.environ["DAREZONE_RECORDER"] = "true"
from darezone.wsgi import application
from django.test import RequestFactory
from apps.profiling.recorder import recorder

def ask(times):
    for _ in range(times):
        environ = RequestFactory().get("/health/live", headers={"Host": "localhost"}).environ
        application(environ, lambda *_: None)

ask(2)
"""

FORKING = """
import multiprocessing
child = multiprocessing.get_context("fork").Process(target=ask, args=(3,))
child.start()
child.join()
assert child.exitcode == 0
"""


class TestProcesses:
    def test_each_stores_its_own_at_its_end_also_a_forked_one(self, db):
        empty()
        command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", REQUEST + FORKING]
        done = subprocess.run(command, env=environment_of_a_server(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert RouteCost.objects.get(route="/health/live").requests == 2 + 3
        empty()

    @pytest.mark.races
    def test_many_may_add_to_the_same_rows_at_once(self, db):
        empty()
        barrier, errors = threading.Barrier(4), []

        def add():
            sums = Sums()
            notes = [
                (*("GET", f"/route/{number}", "-", 200, False), 0.01, 0, 0, 0, 0, 0, 10, ()) for number in range(50)
            ]
            sums.add(notes, datetime(2026, 3, 2, 12, tzinfo=UTC), 500)
            barrier.wait()
            for _ in range(5):
                try:
                    storing.store(sums, clock.now())
                except psycopg.Error as error:
                    errors.append(error)

        threads = [threading.Thread(target=add) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert set(RouteCost.objects.values_list("requests", flat=True)) == {20}
        assert {sum(cost.histogram) for cost in RouteCost.objects.all()} == {20}
        empty()


def environment_of_a_server() -> dict[str, str]:
    secrets = {"SECRET_KEY": "s" * 50, "JWT_SIGNING_KEY": "j" * 50}
    return os.environ | secrets | {"ENVIRONMENT": "load", "DATABASE_URL": url_of(connection.settings_dict["NAME"])}
