"""Which challenges are to start and to end, by the days of their people (contract 3.6).

Each condition is used twice: to find the challenges, and again under their locks.
"""

from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from apps.core import clock

# User.today() in SQL. The days come with the statement: what PostgreSQL knows of zones may differ from the pinned list.
_DAY = "GREATEST((%(days)s ->> u.timezone)::date, u.day_floor)"

_STARTS = f"""
    c.status = 'pending' AND c.start_date <= %(latest)s
    AND (c.start_date <= %(earliest)s
         OR EXISTS (SELECT FROM users u WHERE u.id = c.created_by_id AND c.start_date <= {_DAY}))
"""  # noqa: S608 - made of the parts above
# Where its last day is over for everybody on earth, nobody's day is looked up. Else the slowest member's day counts.
_ENDS = f"""
    c.status = 'active' AND c.end_date < %(latest)s
    AND (c.end_date < %(earliest)s OR c.end_date < COALESCE((
        SELECT min({_DAY}) FROM challenge_members m JOIN users u ON u.id = m.user_id AND u.is_active
        WHERE m.challenge_id = c.id AND m.status = 'active'
    ), %(utc)s))
"""  # noqa: S608
_LOCKED = "AND c.id = ANY (%(ids)s::uuid[]) ORDER BY c.id FOR NO KEY UPDATE OF c SKIP LOCKED"

STARTING = f"SELECT c.id FROM challenges c WHERE {_STARTS} ORDER BY c.start_date"  # noqa: S608
# Whether it was over before it began comes last.
LOCK_STARTING = f"""
SELECT c.id, c.name, c.is_public, {_DAY} > c.end_date
FROM challenges c JOIN users u ON u.id = c.created_by_id WHERE {_STARTS} {_LOCKED}
"""  # noqa: S608
ENDING = f"SELECT c.id FROM challenges c WHERE {_ENDS} ORDER BY c.end_date"  # noqa: S608
# The check-ins that each member could have made come last.
LOCK_ENDING = f"""
SELECT c.id, c.name, c.is_public, (c.end_date - c.start_date + 1) * (
    SELECT count(*) FROM challenge_habits h WHERE h.challenge_id = c.id
)
FROM challenges c WHERE {_ENDS} {_LOCKED}
"""  # noqa: S608


def ids(sql: str) -> list[UUID]:
    """Of the challenges that STARTING or ENDING finds."""
    return [id for (id,) in rows(sql)]


def rows(sql: str, **values: Any) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, _today() | values)
        return cursor.fetchall()


def _today() -> dict[str, Any]:
    """The day of every zone, the first and the last of them, and that of UTC."""
    days = {name: time.date() for name, time in clock.local_times().items()}
    written = Jsonb({name: day.isoformat() for name, day in days.items()})
    return {
        "days": written,
        "earliest": min(days.values()),
        "latest": max(days.values()),
        "utc": clock.now().date(),
    }
