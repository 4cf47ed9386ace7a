"""Adds the sums of a process to those of all, over a connection of its own, in one short transaction."""

from datetime import datetime, timedelta
from operator import itemgetter

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

from apps.core.staff_lists import first_key_of
from apps.profiling.models import RouteCost, SlowStatement, Statement, StatementCost
from apps.profiling.sums import Sums, row_of

KEPT = timedelta(days=3)
MOST_SLOW_KEPT = 10_000
MAXIMA = {"most_statements", "most_repeats", "most_ms"}
ADDED_ARRAY = """(SELECT array_agg(a + b ORDER BY place)
    FROM unnest({table}.histogram, excluded.histogram) WITH ORDINALITY AS both_of (a, b, place))"""


def connect() -> psycopg.Connection:
    """Not out of the pool, whose connections are counted out for the threads that answer; closed after each use. It is
    one of those that darezone/checks.py reserves, and where it is refused the sums wait for the next attempt."""
    params = connections[DEFAULT_DB_ALIAS].get_connection_params()
    params |= {"application_name": "darezone-recorder", "cursor_factory": psycopg.Cursor, "prepare_threshold": None}
    return psycopg.connect(**params)


def store(sums: Sums, now: datetime) -> None:
    """All of it or nothing. Raises what psycopg raises."""
    texts = [(known.fingerprint, known.text, known.plannable, now) for known in sums.texts.values()]
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        # Each process adds to the same rows: all take them in one order, so that none waits for one that waits for it.
        cursor.executemany(TEXTS, sorted(texts, key=itemgetter(0)))
        cursor.executemany(ROUTES, [row_of(*item) for item in sorted(sums.routes.items(), key=itemgetter(0))])
        cursor.executemany(STATEMENTS, [row_of(*item) for item in sorted(sums.statements.items(), key=itemgetter(0))])
        cursor.executemany(SLOW, sums.slow)


def clean(now: datetime) -> None:
    """Drops what is older than three days. Texts in use are seen again at least once an hour."""
    oldest = now - KEPT
    with connect() as connection, connection.cursor() as cursor:
        for model in (RouteCost, StatementCost):
            cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE slot < %s", [oldest])  # noqa: S608
        cursor.execute("DELETE FROM profiling_statements WHERE seen_at < %s", [oldest - timedelta(hours=2)])
        cursor.execute("DELETE FROM profiling_slow_statements WHERE id < %s", [first_key_of(oldest)])
        cursor.execute(
            "DELETE FROM profiling_slow_statements WHERE id <="
            " (SELECT id FROM profiling_slow_statements ORDER BY id DESC OFFSET %s LIMIT 1)",
            [MOST_SLOW_KEPT],
        )


def adding(model: type) -> str:
    """An INSERT that adds to the row that is there."""
    columns = [field.column for field in model._meta.concrete_fields]
    key = [field.column for field in model._meta.pk_fields]
    table = model._meta.db_table
    changes = ", ".join(f"{column} = {added(table, column)}" for column in columns if column not in key)
    return f"{inserting(model)} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"


def added(table: str, column: str) -> str:
    if column == "histogram":
        return ADDED_ARRAY.format(table=table)
    if column in MAXIMA:
        return f"greatest({table}.{column}, excluded.{column})"
    return f"{table}.{column} + excluded.{column}"


def inserting(model: type) -> str:
    columns = [field.column for field in model._meta.concrete_fields]
    return f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"  # noqa: S608


ROUTES, STATEMENTS, SLOW = adding(RouteCost), adding(StatementCost), inserting(SlowStatement)
TEXTS = f"{inserting(Statement)} ON CONFLICT (fingerprint) DO UPDATE SET seen_at = excluded.seen_at"
