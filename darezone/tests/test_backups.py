"""manage.py backup and restore: the drill into an empty database, and all that must not happen."""

import os
import re
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import sql

from apps.core import clock
from darezone import backups
from darezone.tests import deployment

ROOT = Path(__file__).resolve().parents[2]
RELATIONS = """
SELECT c.relname, c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'S') ORDER BY 1
"""
CONTENT = {
    "r": "SELECT count(*), md5(coalesce(string_agg(one::text, '|' ORDER BY one::text), '')) FROM {} one",
    "S": "SELECT last_value, is_called FROM {}",
}
# Not as text: what pg_dump writes of `IN (...)` is shown in other words once it was read again.
INDEXES = """
SELECT indexrelid::regclass::text, indrelid::regclass::text, indisunique, indisvalid, indpred IS NULL,
    ARRAY(SELECT pg_get_indexdef(indexrelid, n, true) FROM generate_series(1, indnatts) n)
FROM pg_index WHERE indrelid >= 16384 AND indexrelid::regclass::text NOT LIKE 'pg_toast%' ORDER BY 1
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, contype, confrelid::regclass::text, convalidated
FROM pg_constraint WHERE conrelid >= 16384 ORDER BY 1, 2
"""


@pytest.fixture(scope="module")
def elsewhere():
    """Another server, as after a machine is lost: it has no table and no role of the first one."""
    with deployment.database(prepared=False) as made:
        yield made


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("backups")


@pytest.fixture(scope="module")
def backup(database, folder):
    database.run("manage.py", "backup", folder)
    (file,) = folder.glob("darezone-*.dump")
    return file


def contents(url: str) -> dict[str, object]:
    """Rows of every table and a sum over all of them, what sequences give next, every rule and every index."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = {"indexes": connection.execute(INDEXES).fetchall()}
        found["constraints"] = connection.execute(CONSTRAINTS).fetchall()
        for name, kind in connection.execute(RELATIONS).fetchall():
            found[name] = connection.execute(sql.SQL(CONTENT[kind]).format(sql.Identifier(name))).fetchone()
    return found


class TestDrill:
    def test_a_backup_restored_into_an_empty_server_is_the_same__hc62(self, database, elsewhere, backup):
        url = elsewhere.another("drill")
        said = database.run("manage.py", "restore", backup, DATABASE_URL=url)
        assert re.search(r"restored drill in .*analyzed drill in .*audit: no difference", said, re.DOTALL)
        before, after = contents(database.url), contents(url)
        assert after == before
        assert before["check_ins"][0] > 100 and before["users"][0] >= 4 and len(before["indexes"]) > 20

    def test_a_full_database_is_replaced_when_it_is_named(self, database, elsewhere, backup):
        url = elsewhere.another("full", copied="drill")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("UPDATE users SET display_name = 'newer than the backup'")
            connection.execute("CREATE SCHEMA of_later CREATE TABLE things (id int)")
        said = database.run("manage.py", "restore", backup, "--replace", "full", DATABASE_URL=url)
        assert "emptied full in " in said and contents(url) == contents(database.url)
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT to_regnamespace('of_later')").fetchone() == (None,)


@pytest.mark.django_db
class TestRefusals:
    """Of a restore into the database of the tests, which has tables."""

    def test_a_full_database_stays_as_it_is(self, backup):
        with pytest.raises(CommandError, match=r"has \d+ tables: .* --replace test_"):
            call_command("restore", str(backup))

    def test_another_name_than_that_of_the_settings_is_a_mistake(self, backup):
        with pytest.raises(CommandError, match=r"is test_\w+, not darezone: nothing was changed"):
            call_command("restore", str(backup), replace="darezone")

    def test_a_damaged_file_is_seen_before_anything_is_dropped(self, backup, tmp_path):
        damaged = tmp_path / "damaged"
        damaged.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
        with pytest.raises(CommandError, match="pg_restore failed"):
            call_command("restore", str(damaged), replace=connection.settings_dict["NAME"])
        assert backups.tables(connection)

    def test_tables_of_extensions_do_not_count(self):
        with connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        assert "public.users" in backups.tables(connection)
        assert "public.pg_stat_statements" not in backups.tables(connection)


class TestBackup:
    def test_only_its_owner_may_read_it(self, backup):
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600

    def test_one_that_fails_removes_nothing_and_tells_no_password(self, database, tmp_path):
        old = tmp_path / "darezone-20200101T000000Z.dump"
        old.touch()
        environment = database.environment() | {"DATABASE_URL": "postgresql://ann:s3cret@127.0.0.1:1/none"}
        command = [sys.executable, "manage.py", "backup", tmp_path]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT, check=False)
        assert done.returncode == 1 and "CommandError: " in done.stderr
        assert "s3cret" not in done.stdout + done.stderr and list(tmp_path.iterdir()) == [old]

    @pytest.mark.django_db
    def test_a_pg_dump_that_fails_leaves_no_file(self, tmp_path):
        with connection.cursor() as cursor:  # which pg_dump does not see before it is committed
            cursor.execute("CREATE TABLE half_made (id int)")
            with pytest.raises(backups.BackupError, match="pg_dump failed: .*no matching tables"):
                with backups.unfinished(tmp_path) as part:
                    backups.run("pg_dump", connection, "--table=half_made", f"--file={part}")
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_must_be_there(self, tmp_path):
        with pytest.raises(CommandError, match="missing is no folder"):
            call_command("backup", str(tmp_path / "missing"))
        with pytest.raises(CommandError, match="--days must be at least 1"):
            call_command("backup", str(tmp_path), days=0)

    def test_what_is_too_old_goes_and_nothing_else(self, tmp_path):
        stamps = [(clock.now() - timedelta(days=days)).strftime("%Y%m%dT%H%M%SZ") for days in (31, 29)]
        old, young = (tmp_path / f"darezone-{stamp}.dump" for stamp in stamps)
        left, running = tmp_path / ".darezone-left.part", tmp_path / ".darezone-running.part"
        others = [tmp_path / "notes.txt", tmp_path / "darezone-20200101T000000Z.dump.kept"]
        for file in (old, young, left, running, *others):
            file.touch()
        os.utime(left, (0, 0))
        assert backups.prune(tmp_path, 30) == [old]
        assert set(tmp_path.iterdir()) == {young, running, *others}


class TestPrograms:
    """Real ones beside a server of another version than theirs."""

    class Server:
        pg_version = 990_000
        settings_dict = {"NAME": "darezone"}

    def test_one_of_an_older_version_is_refused(self):
        with pytest.raises(backups.BackupError, match=r"pg_dump of PostgreSQL 99 is needed, and .*pg_dump is of \d+"):
            backups.program("pg_dump", self.Server())

    def test_one_that_is_missing_is_named(self):
        with pytest.raises(backups.BackupError, match="there is none: install postgresql-client-99"):
            backups.program("pg_unheard_of", self.Server())

    def test_the_nearest_version_is_taken(self, tmp_path, monkeypatch):
        older = tmp_path / "pg_dump"
        older.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)'\n")
        older.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
        for version, wanted in ((150_018, True), (160_001, False)):
            server = self.Server()
            server.pg_version = version
            assert (backups.program("pg_dump", server) == str(older)) is wanted
