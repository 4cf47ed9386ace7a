"""manage.py migrate beside another one, and after one that was interrupted while it built an index."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError
from django.db import DatabaseError, OperationalError, models
from django.db.migrations.state import ModelState, ProjectState

from darezone import databases
from darezone.management.commands.migrate import HOLDER, LOCK, alone, ask
from darezone.postgresql.indexes import AddIndexConcurrently
from darezone.tests import deployment
from darezone.tests.deployment import until
from darezone.tests.test_databases import URL, wrapper

APP = "late_index"
VALID = """
SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname = 'idx_things_size'
"""
CANCEL = "SELECT pg_cancel_backend(pid) FROM pg_stat_progress_create_index WHERE datname = current_database()"
APPLIED = "SELECT count(*), count(DISTINCT (app, name)) FROM django_migrations"


@pytest.fixture(scope="module")
def server():
    with deployment.database(prepared=False) as made:
        yield made


@pytest.fixture(scope="module")
def released(server):
    """The name of a database that has the table, and not its index."""
    assert Migrating(server, "released").migrate(APP, "0001").code() == 0
    return "released"


class Migrating:
    """A database of its own, in which nothing has been migrated yet unless it is a copy of another one."""

    def __init__(self, server: deployment.Database, name: str, *, copied: str = "template1"):
        self.url, self.folder = server.another(name, copied=copied), server.folder
        self.environment = server.environment() | {
            "DATABASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "darezone.tests.late_index.settings",
        }

    def migrate(self, *to: str) -> "Migrate":
        return Migrate(self, *to)

    def ask(self, sql: str, *values: object) -> tuple | None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(sql, values).fetchone()

    def is_valid(self) -> bool | None:
        """None when there is no such index."""
        row = self.ask(VALID)
        return row and row[0]

    @contextlib.contextmanager
    def writer(self) -> Iterator[None]:
        """Somebody writes and does not commit: whoever builds an index concurrently waits for him."""
        with psycopg.connect(self.url) as connection:
            connection.execute("INSERT INTO late_index_thing (size) VALUES (1)")
            yield

    @contextlib.contextmanager
    def interrupted(self) -> Iterator["Migrate"]:
        """A migrate that has begun to build the index and cannot end as long as the block lasts."""
        with self.writer(), self.migrate(APP).running() as building:
            until(lambda: self.is_valid() is False)
            yield building


class Migrate:
    def __init__(self, database: Migrating, *to: str):
        self.log = database.folder / "log" / f"migrate-{os.urandom(4).hex()}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "migrate", *to],
                env=database.environment, stdout=log, stderr=log, cwd=Path(__file__).resolve().parents[2],
            )  # fmt: skip

    @contextlib.contextmanager
    def running(self) -> Iterator["Migrate"]:
        try:
            yield self
        finally:
            self.process.kill()
            self.process.wait()

    def code(self) -> int:
        return self.process.wait(60)

    def said(self) -> str:
        return self.log.read_text()

    def waits(self) -> bool:
        return "Another migrate is at work" in self.said()


class TestTwoAtOnce:
    def test_one_waits_for_the_other_and_finds_nothing_to_do__hc60(self, server):
        database = Migrating(server, "two_at_once")
        with psycopg.connect(database.url, autocommit=True) as held:
            held.execute("SELECT pg_advisory_lock(%s, %s)", LOCK)
            both = [database.migrate(), database.migrate()]
            until(lambda: all(one.waits() for one in both))
            assert f"process {held.info.backend_pid}" in both[0].said()
        assert [one.code() for one in both] == [0, 0], both[0].said() + both[1].said()
        idle, busy = sorted((one.said() for one in both), key=len)
        assert "No migrations to apply" in idle and "Applying" not in idle
        assert "Applying late_index.0002_things_by_size... OK" in busy
        applied, different = database.ask(APPLIED)
        assert applied == different == busy.count("Applying ") and database.is_valid()


class TestInterruptedIndex:
    def test_a_build_that_was_cancelled_is_made_anew__hc60(self, server, released):
        database = Migrating(server, "cancelled", copied=released)
        with database.interrupted() as building:
            assert database.ask(CANCEL) == (True,)
            assert building.code() == 1 and "canceling statement" in building.said()
        assert database.is_valid() is False
        again = database.migrate(APP)
        assert again.code() == 0, again.said()
        assert database.is_valid() is True

    def test_a_build_whose_migrate_was_killed_is_awaited_and_kept__hc60(self, server, released):
        database = Migrating(server, "killed", copied=released)
        with database.interrupted() as building:
            building.process.send_signal(signal.SIGKILL)
            assert building.code() == -signal.SIGKILL
            again = database.migrate(APP)
            until(again.waits)  # PostgreSQL goes on building for nobody
            built = database.ask("SELECT 'idx_things_size'::regclass::oid")
        assert again.code() == 0, again.said()
        assert database.is_valid() is True and database.ask("SELECT 'idx_things_size'::regclass::oid") == built
        assert database.ask("SELECT count(*) FROM django_migrations WHERE app = %s", APP) == (2,)


@pytest.fixture
def here(db):
    """A second connection to the database of the tests."""
    made = wrapper(databases.of_server(URL, pooler="direct", pool=None))
    try:
        yield made
    finally:
        made.close()


class TestLock:
    def test_it_ends_with_the_block(self, here):
        with alone(here, pytest.fail):
            assert ask(here, HOLDER) == here.connection.info.backend_pid
        assert ask(here, HOLDER) is None

    def test_a_connection_that_is_lost_says_so_itself(self, here):
        with pytest.raises(OperationalError, match="terminating connection"), alone(here, pytest.fail):
            here.cursor().execute("SELECT pg_terminate_backend(pg_backend_pid())")

    def test_it_is_not_taken_through_a_transaction_pooler(self, here):
        here.settings_dict["POOLER"] = "transaction"
        with pytest.raises(CommandError, match="DATABASE_DIRECT_URL"), alone(here, pytest.fail):
            pytest.fail("it was taken")


class Spoilt(models.Index):
    """One that PostgreSQL has made and that is invalid all the same."""

    def create_sql(self, model, schema_editor, **options):
        sql = super().create_sql(model, schema_editor)
        spoil = f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{self.name}'::regclass"  # noqa: S608
        return f"DO $$ BEGIN {sql}; {spoil}; END $$"


class TestResult:
    def test_an_index_that_is_still_invalid_stops_the_migration(self, here):
        state = ProjectState()
        state.add_model(ModelState("spoilt", "Thing", [("id", models.BigAutoField(primary_key=True))]))
        adds = AddIndexConcurrently("thing", Spoilt(fields=["id"], name="spoilt_index"))
        here.cursor().execute("CREATE TEMP TABLE spoilt_thing (id bigint)")
        with pytest.raises(DatabaseError, match="spoilt_index is still invalid"), here.schema_editor(False) as editor:
            adds.database_forwards("spoilt", editor, state, state)
