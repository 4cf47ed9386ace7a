"""A streaming replica of a test's own PostgreSQL, whose lag can be held open."""

import contextlib
from collections.abc import Iterator

from darezone.tests.deployment import Database, until

import identity  # isort: skip - modules of bin/lib, which deployment puts on the path
from postgres import clean_environment  # isort: skip
from processes import run_leashed  # isort: skip
from wheels import postgres_program  # isort: skip

PROGRAM = postgres_program("pg_basebackup")


class Replica(Database):
    """Stops, starts and is asked like any Database, and follows `primary`."""

    def __init__(self, primary: Database):
        folder = primary.folder / "replica"
        folder.mkdir(mode=0o711)
        super().__init__(folder)
        self.primary = primary

    def copy(self) -> None:
        data, log = self.postgres.data, self.folder / "log" / "copy.log"
        data.mkdir(mode=0o700)
        command = [PROGRAM, "-D", data, "-d", self.primary.url, "-R", "--checkpoint=fast", "--no-sync"]
        owner = identity.choose(owned=[data], needed=[PROGRAM])
        with log.open("wb") as out:
            code = run_leashed(command, log=out, env=clean_environment(), identity=owner)
        assert code == 0, log.read_text()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """What the primary writes meanwhile arrives, and is not replayed."""
        self.value("SELECT pg_wal_replay_pause()::text")
        until(lambda: self.value("SELECT pg_get_wal_replay_pause_state()") == "paused")
        try:
            yield
        finally:
            self.value("SELECT pg_wal_replay_resume()::text")

    def catch_up(self) -> None:
        # Without synchronous_commit a commit may be written to the log up to 0.6 s later.
        position = self.primary.value("SELECT pg_current_wal_insert_lsn()::text")
        until(lambda: self.value("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", position))

    def statements(self) -> str:
        """The last one of each connection that a server of ours has here."""
        sql = "SELECT string_agg(query, ' ') FROM pg_stat_activity WHERE application_name = 'darezone-replica'"
        return self.value(sql) or ""

    def kill_connections(self) -> int:
        sql = "SELECT count(pg_terminate_backend(pid, 2000)) FROM pg_stat_activity WHERE application_name = %s"
        return self.value(sql, "darezone-replica")


@contextlib.contextmanager
def replica(primary: Database) -> Iterator[Replica]:
    made = Replica(primary)
    try:
        made.copy()
        made.start()
        yield made
    finally:
        made.stop()
        made.lock.close()
