"""The server through a real PgBouncer, in transaction mode with fewer connections behind it than requests before it."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from darezone.tests import deployment
from darezone.tests.deployment import HABIT, Database, Server

from processes import Leashed  # isort: skip - a module of bin/lib, which deployment puts on the path

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
BEHIND, BEFORE = 4, 40
PORTS = {"transaction": 6432, "session": 6433}
CONFIGURATION = """
[databases]
* = host={server} port=5432
[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users.txt
admin_users = postgres
pool_mode = {mode}
default_pool_size = {behind}
max_client_conn = 200
"""

pytestmark = pytest.mark.skipif(not PROGRAM, reason="no pgbouncer on this machine: apt-get install pgbouncer")


@pytest.fixture(scope="module")
def database():
    with deployment.database() as made:
        yield made


@pytest.fixture(scope="module")
def pooler(database):
    with bouncer(database, "transaction") as url:
        yield url


@pytest.fixture(scope="module")
def settings_behind(database, pooler):
    return {"DATABASE_URL": pooler, "DATABASE_DIRECT_URL": database.url, "DATABASE_POOLER": "transaction"}


@pytest.fixture(scope="module")
def server(database, settings_behind):
    with deployment.server(database, workers=2, threads=BEFORE // 2, **settings_behind) as started:
        yield started


@contextlib.contextmanager
def bouncer(database: Database, mode: str) -> Iterator[str]:
    """The URL of the database through it."""
    folder = database.folder / "run"  # already belongs to who PostgreSQL runs as
    (folder / "users.txt").write_text('"postgres" ""')
    file = folder / f"{mode}.ini"
    file.write_text(CONFIGURATION.format(server=folder, folder=folder, mode=mode, port=PORTS[mode], behind=BEHIND))
    for path in (file, folder / "users.txt"):
        path.chmod(0o644)
    with (database.folder / "log" / f"{mode}.log").open("wb") as log:
        process = Leashed([PROGRAM, file], log=log, identity=database.postgres.identity)
    try:
        yield wait_for(folder, PORTS[mode], process, Path(log.name))
    finally:
        process.stop()


def wait_for(folder: Path, port: int, process: Leashed, log: Path) -> str:
    while not (folder / f".s.PGSQL.{port}").exists():
        assert not process.ended_within(0.05), log.read_text()
    return f"postgresql://postgres@{quote(str(folder), safe='')}:{port}/darezone"


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


def found_behind(pooler: str, sql: str) -> set:
    """What a statement finds on the connections that the pooler deals out."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(psycopg.connect(pooler, prepare_threshold=None)) for _ in range(BEHIND)]
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

    def test_the_races_of_an_app_end_through_it_as_without_it(self, database: Database, settings_behind):
        options = ["-n0", "--reuse-db", "-p", "no:cacheprovider"]  # --reuse-db: it could not be dropped while kept
        own = {"ENVIRONMENT": "test", "CACHE_ENABLED": "true", "DJANGO_TEST_DB": "pooled"}
        races = "apps/challenges/tests/test_races.py::TestPlaces"
        with database.connect() as connection:
            connection.execute("CREATE DATABASE test_pooled")
        made = database.url.replace("/darezone", "/test_pooled")
        assert made != database.url
        database.run("manage.py", "migrate", "-v", "0", DATABASE_URL=made)
        said = database.run("-m", "pytest", *options, races, **settings_behind, **own)
        assert " passed" in said


class TestSessionPooler:
    def test_it_works_as_without_one(self, database: Database):
        with bouncer(database, "session") as url:
            behind = {"DATABASE_URL": url, "DATABASE_POOLER": "session", "DATABASE_DIRECT_URL": database.url}
            with deployment.server(database, workers=1, threads=BEHIND, **behind) as server:
                ann = server.log_in("ann")
                answers = together(ann.get, ["/users/me", "/challenges", "/habits"] * 20)
        assert {answer.status for answer in answers} == {200}
