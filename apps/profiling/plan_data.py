"""A world that is large where plans go wrong, made by the database itself in a few seconds.

`manage.py seed --size large` makes lives that hang together, at many times the cost and without the extremes: here
somebody has five years behind them and a challenge is full. Counters and points do not add up.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from psycopg import ClientCursor

from apps.accounts.models import User
from apps.challenges.models import Challenge, Habit, Membership
from apps.checkins.models import CheckIn
from apps.core import clock
from apps.notifications.models import Notification
from apps.profiling.plan_social import SOCIAL
from apps.profiling.plan_world import (
    COMMON_NAME,
    FORGET,
    LISTS,
    RARE_NAME,
    REFRESH_TOKEN,
    USED_REFRESH_TOKEN,
    WORLD,
    Rows,
)
from apps.profiling.seeding.copying import defaults_of
from apps.profiling.seeding.tables import Table


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Where it is largest.

    `busiest` has sixty challenges (`own_running` and eleven others run) and five years of check-ins, created the full
    challenge, and has thousands of notifications, hundreds of friends and log-ins and a hundred habits. `member` is one
    of the fifty in the full challenge; `newcomer` has joined nothing and may join the open challenge.
    """

    today: date
    busiest: UUID
    member: UUID
    newcomer: UUID
    full_challenge: UUID
    open_challenge: UUID
    open_code: str
    own_running: UUID
    own_closed: UUID
    own_habit: UUID
    own_check_in: UUID
    own_notification: UUID
    refresh_token: str = REFRESH_TOKEN
    used_refresh_token: str = USED_REFRESH_TOKEN
    common_name: str = COMMON_NAME
    rare_name: str = RARE_NAME


def fill() -> Landmarks:
    """Into tables without users, and not within a transaction: it ends with a VACUUM."""
    connection.ensure_connection()
    now = clock.now()
    values = {"now": now, "today": now.date()}
    with transaction.atomic(), ClientCursor(connection.connection) as cursor, in_bulk(cursor):
        cursor.execute(LISTS, values)
        for rows in (*WORLD, *SOCIAL):
            insert(cursor, rows, values)
        cursor.execute(FORGET)
    tidy()
    return landmarks(now.date())


def tables() -> list[str]:
    return sorted({rows.model._meta.db_table for rows in (*WORLD, *SOCIAL)})


@contextmanager
def in_bulk(cursor) -> Iterator[None]:
    """Indexes are built at the end, for a part of the cost. Nor are a million foreign keys looked up, which hold by
    construction, where we have the right to leave that out."""
    role = "SELECT set_config(name, 'replica', true) FROM (VALUES ('session_replication_role')) v (name)"
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # indexes cannot change while checks are due
    indexes = plain_indexes(cursor)
    cursor.execute(f"DROP INDEX {', '.join(indexes)}")
    cursor.execute(f"{role} WHERE has_parameter_privilege(name, 'SET')")
    yield
    cursor.execute("SET LOCAL session_replication_role TO DEFAULT")
    cursor.execute(f"{'; '.join(indexes.values())}; SET CONSTRAINTS ALL DEFERRED")


def plain_indexes(cursor) -> dict[str, str]:
    """Names and definitions in the order of their creation. Those that enforce something stay, and so do partial ones:
    PostgreSQL does not always print a condition as it was written."""
    cursor.execute(
        """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
        WHERE indrelid = ANY (%s::regclass[]) AND NOT indisunique AND indpred IS NULL ORDER BY indexrelid
        """,
        [tables()],
    )
    return dict(cursor.fetchall())


def tidy() -> None:
    """What autovacuum does sooner or later: statistics, and pages that index-only scans need not look up. It takes in
    the new entries that a trigram index keeps in a list, which every search would read."""
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {', '.join(tables())}")


def insert(cursor, rows: Rows, values: dict[str, Any]) -> None:
    table, columns = rows.model._meta.db_table, rows.columns
    defaults = defaults_of(Table(rows.model, tuple(columns), (), 0))
    names = ", ".join((*columns, *defaults))
    expressions = ", ".join((*columns.values(), *(f"%({column})s" for column in defaults)))
    cursor.execute(f"INSERT INTO {table} ({names}) SELECT {expressions} FROM {rows.source}", values | defaults)  # noqa: S608


def landmarks(today: date) -> Landmarks:
    """Of a database that was filled on this day."""
    busiest, newcomer = (first(User.objects.filter(email=f"person{n}@plans.example.com")) for n in (1, 20_000))
    full = first(Challenge.objects.filter(member_count=50))
    own = Challenge.objects.filter(memberships__user=busiest).exclude(pk=full)
    open_to_all = Challenge.objects.filter(is_public=True, status="active", member_count__lt=20)
    in_full = Membership.objects.filter(challenge=full, role="member", user__is_active=True)
    return Landmarks(
        today=today,
        busiest=busiest,
        member=first(in_full, "user_id"),
        newcomer=newcomer,
        full_challenge=full,
        open_challenge=first(open_to_all),
        open_code=first(open_to_all, "invite_code"),
        own_running=first(own.filter(status="active")),
        own_closed=first(own.filter(status="completed")),
        own_habit=first(Habit.objects.filter(created_by=busiest)),
        own_check_in=first(CheckIn.objects.filter(user=busiest, checkin_date=today)),
        own_notification=first(Notification.objects.filter(user=busiest, is_read=False)),
    )


def first(rows: models.QuerySet, column: str = "id") -> Any:
    """Of the newest of the rows."""
    return rows.order_by("-id").values_list(column, flat=True)[0]
