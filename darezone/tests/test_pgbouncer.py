"""The server through a real PgBouncer, in transaction mode with fewer connections behind it than requests before it."""

import contextlib
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from darezone.tests import deployment
from darezone.tests.deployment import HABIT, Database, Server

from pgbouncer import CONNECTIONS as BEHIND, MISSING, PROGRAM, PgBouncer  # isort: skip - of bin/lib, see deployment
import pooled_tests  # isort: skip

BEFORE = 40
SOME_OF_EACH_APP = [
    "apps/challenges/tests/test_races.py::TestPlaces",
    "apps/accounts/tests/test_refresh.py",
    "apps/checkins/tests/test_races.py::TestEqualCheckIns",
    "apps/core/tests/test_service_endpoints.py",
    "apps/jobs/tests/test_clean_up.py",
    "apps/notifications/tests/test_list.py",
]

pytestmark = pytest.mark.skipif(not PROGRAM, reason=MISSING)


@pytest.fixture(scope="module")
def pooler(database):
    with PgBouncer(database.postgres) as started:
        yield started


@pytest.fixture(scope="module")
def settings_behind(database, pooler):
    return {
        "DATABASE_URL": pooler.url("darezone"),
        "DATABASE_DIRECT_URL": database.url,
        "DATABASE_POOLER": "transaction",
    }


@pytest.fixture(scope="module")
def server(database, settings_behind):
    with deployment.server(database, workers=2, threads=BEFORE // 2, **settings_behind) as started:
        yield started


@pytest.fixture(scope="module")
def pooled(database, pooler):
    return pooled_tests.environment(pooler, database.environment()) | {"CACHE_ENABLED": "true"}


def together(call: Callable[[Any], Any], things: list) -> list:
    with ThreadPoolExecutor(BEFORE) as threads:
        return list(threads.map(call, things))


def reads(challenge: str) -> list[str]:
    """What one person asks for in a day."""
    return [
        *("/users/me", "/users/me/stats", "/challenges", "/challenges/discover", "/habits", "/notifications"),
        *(f"/challenges/{challenge}", f"/challenges/{challenge}/members", f"/challenges/{challenge}/progress"),
        *(f"/challenges/{challenge}/checkins", f"/checkins/challenges/{challenge}/today", "/checkins"),
    ]


def found_behind(pooler: PgBouncer, sql: str) -> set:
    """What a statement finds on the connections that the pooler deals out."""
    with contextlib.ExitStack() as stack:
        url = pooler.url("darezone")
        clients = [stack.enter_context(psycopg.connect(url, prepare_threshold=None)) for _ in range(BEHIND)]
        return {client.execute(sql).fetchone()[0] for client in clients}  # each in a transaction, all open


class TestTransactionPooler:
    def test_a_day_of_many_people_at_once_has_no_error(self, database: Database, server: Server):
        ann = server.log_in("ann")
        made = ann.create_challenge("through the pooler").body
        people = together(server.sign_up, [f"pooled{number}" for number in range(12)])
        code = {"invite_code": made["invite_code"]}
        assert {answer.status for answer in together(lambda one: one.post("/challenges/join", code), people)} == {200}
        done = {"challenge_id": made["id"], "habit_id": HABIT}
        answers = together(lambda one: one.post("/checkins", done), [*people, *people])
        assert sorted(answer.status for answer in answers) == [201] * 12 + [400] * 12
        assert database.value("SELECT member_count FROM challenges WHERE id = %s", made["id"]) == 13
        left = together(lambda one: one.post(f"/challenges/{made['id']}/leave"), people)
        assert {answer.status for answer in left} == {200}

    def test_more_requests_than_connections_wait_their_turn(self, database: Database, server: Server):
        ann = server.log_in("ann")
        made = ann.create_challenge("more than connections").body
        answers = together(ann.get, reads(made["id"]) * 40)
        assert {answer.status for answer in answers} == {200}
        sql = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        assert database.value(sql) <= BEHIND

    def test_nothing_is_left_on_its_connections(self, server: Server, pooler):
        ann = server.log_in("ann")
        together(ann.get, ["/challenges", "/users/me"] * 20)
        assert found_behind(pooler, "SELECT count(*) FROM pg_prepared_statements") == {0}
        assert found_behind(pooler, "SELECT count(*) FROM pg_cursors") == {0}
        assert found_behind(pooler, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == {0}

    def test_limits_and_time_zone_come_from_the_role(self, pooler):
        assert found_behind(pooler, "SHOW statement_timeout") == {"8s"}
        assert found_behind(pooler, "SHOW lock_timeout") == {"3s"}
        assert found_behind(pooler, "SHOW timezone") == {"UTC"}

    def test_commands_go_past_it(self, database: Database, settings_behind):
        said = database.run("manage.py", "database_limits", **settings_behind)
        assert "postgres in darezone: lock_timeout = 3000ms" in said
        assert "no difference" in database.run("manage.py", "audit", **settings_behind)
        code = "from django.db import connection as c; c.ensure_connection(); print('port', c.connection.info.port)"
        assert "port 5432" in database.run("manage.py", "shell", "-v", "0", "-c", code, **settings_behind)


class TestApiThroughIt:
    """A part of bin/test --through-pgbouncer, of each app."""

    def test_tests_of_every_app_pass(self, database: Database, pooled: dict[str, str]):
        said = database.run("-m", "pytest", "-n0", *pooled_tests.OPTIONS, *SOME_OF_EACH_APP, **pooled)
        assert re.search(r"^\d{2,} passed", said, re.MULTILINE), said

    def test_it_loses_what_is_prepared(self, pooler: PgBouncer):
        """So what passes above prepares nothing."""
        found_behind(pooler, "SELECT 1")  # all of its connections are there
        with psycopg.connect(pooler.url("darezone"), prepare_threshold=0, autocommit=True) as client:
            with pytest.raises(psycopg.errors.InvalidSqlStatementName):
                for _ in range(2 * BEHIND):
                    client.execute("SELECT 1")


class TestSessionPooler:
    def test_it_works_as_without_one(self, database: Database):
        with PgBouncer(database.postgres, mode="session", port=6433) as pooler:
            url = pooler.url("darezone")
            behind = {"DATABASE_URL": url, "DATABASE_POOLER": "session", "DATABASE_DIRECT_URL": database.url}
            with deployment.server(database, workers=1, threads=BEHIND, **behind) as server:
                ann = server.log_in("ann")
                answers = together(ann.get, ["/users/me", "/challenges", "/habits"] * 20)
        assert {answer.status for answer in answers} == {200}
