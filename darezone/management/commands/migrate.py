"""Django's migrate, one at a time in each database: a second one waits for the first, and then finds nothing to do."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

LOCK = (0x64617265, 0x6D696772)  # "dare", "migr"
PAUSE_SECONDS = 0.2
HOLDER = """
SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND (classid, objid, objsubid) = (%s, %s, 2)
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        # Through a pooler it can only look that there is nothing to do, as the tests of an app through one let it.
        locked = not is_pooled(connection) or has_work(connection)
        with alone(connection, self.tell) if locked else contextlib.nullcontext():
            super().handle(*args, **options)

    def tell(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()  # who waits wants to know it now, also where the output is a file


def is_pooled(connection: BaseDatabaseWrapper) -> bool:
    return connection.settings_dict.get("POOLER") == "transaction"


def has_work(connection: BaseDatabaseWrapper) -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextlib.contextmanager
def alone(connection: BaseDatabaseWrapper, tell: Callable[[str], Any]) -> Iterator[None]:
    """The lock belongs to the connection that migrates. Whoever was killed still has it until PostgreSQL has ended what
    he began; whoever lost his connection lost the lock with it, and migrates no further."""
    if is_pooled(connection):
        raise CommandError("A transaction pooler deals the lock to somebody else: set DATABASE_DIRECT_URL.")
    wait_for_lock(connection, tell)
    try:
        yield
    finally:
        with contextlib.suppress(Error):  # of a connection that is gone, and its lock with it
            ask(connection, "SELECT pg_advisory_unlock(%s, %s)")


def wait_for_lock(connection: BaseDatabaseWrapper, tell: Callable[[str], Any]) -> None:
    """Asks again and again: who waits inside of a statement holds a snapshot, and CREATE INDEX CONCURRENTLY of the one
    in front waits for all of those."""
    told = False
    while not ask(connection, "SELECT pg_try_advisory_lock(%s, %s)"):
        if not told:
            tell(f"Another migrate is at work (PostgreSQL's process {ask(connection, HOLDER)}): waiting for it.")
        told = True
        time.sleep(PAUSE_SECONDS)  # noqa: TID251 - not in a request


def ask(connection: BaseDatabaseWrapper, sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, LOCK)
        row = cursor.fetchone()
    return row and row[0]
