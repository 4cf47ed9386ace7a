"""EXPLAIN for staff, of statements that have been seen. Nothing is executed: the plan is for any values, in a read-only
transaction that is rolled back, within two seconds, and only of a single SELECT.
"""

import re

from django.db import DatabaseError, connection, transaction

from apps.profiling.models import Statement

TIMEOUT = "2s"
FIRST_VERSION = 160_000
READ = re.compile(r"[\s(]*SELECT\b", re.IGNORECASE)
OF_SERVER = (
    "SELECT query FROM pg_stat_statements WHERE queryid::text = %s AND dbid = {database} ORDER BY calls DESC LIMIT 1"
)
DATABASE = "(SELECT oid FROM pg_database WHERE datname = current_database())"


class CannotExplain(Exception):
    """With a sentence for whoever asked."""


def recorded(fingerprint: str) -> Statement | None:
    return Statement.objects.filter(fingerprint=fingerprint).first()


def of_server(queryid: str) -> str | None:
    """The text that PostgreSQL itself keeps, with $1, $2, ... for values."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_stat_statements')")
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(OF_SERVER.format(database=DATABASE), [queryid])
        row = cursor.fetchone()
    return row and row[0]


def plan(text: str) -> str:
    """The plan of a statement with $1, $2, ... in it. Raises CannotExplain."""
    if not READ.match(text):
        raise CannotExplain("Only a SELECT is explained here: this statement writes, or is more than a query.")
    if ";" in text:
        raise CannotExplain("Only one statement is explained at a time, and this text has a semicolon in it.")
    if server_version() < FIRST_VERSION:
        raise CannotExplain("EXPLAIN without values needs PostgreSQL 16 or later.")
    try:
        with transaction.atomic():
            lines = explained(text)
            transaction.set_rollback(True)
    except DatabaseError as error:
        raise CannotExplain(f"PostgreSQL does not plan it without its values: {str(error).splitlines()[0]}") from None
    return "\n".join(lines)


def explained(text: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = '{TIMEOUT}'")
        cursor.execute(f"EXPLAIN (GENERIC_PLAN) {text}")
        return [row[0] for row in cursor.fetchall()]


def server_version() -> int:
    connection.ensure_connection()
    return connection.pg_version
