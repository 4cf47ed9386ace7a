"""Who is to be reminded of a streak: it is eight in the morning where they live, they checked in yesterday and not yet
today, and a challenge of theirs runs today (contract part 7)."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from apps.core import clock
from apps.core.arrays import array
from apps.core.clock import DAY
from apps.core.transactions import transactional
from apps.notifications.models import NotificationType
from apps.notifications.services import Notice, notify_many

HOUR = 8
KEY = "streak_reminder:"

# A day that was already reached further east counts: User.today() in SQL. Yesterday is one of two or three dates, by
# which the index finds the people; which one it is, is asked of each.
_DUE = """
FROM users u
WHERE u.timezone = ANY (%(zones)s) AND u.last_checkin_date BETWEEN %(first)s AND %(last)s
  AND u.current_streak > 0 AND u.is_active
  AND u.last_checkin_date = GREATEST((%(days)s ->> u.timezone)::date, u.day_floor) - 1
  AND EXISTS (
    SELECT FROM challenge_members m JOIN challenges c ON c.id = m.challenge_id
    WHERE m.user_id = u.id AND m.status = 'active' AND c.status = 'active'
      AND u.last_checkin_date + 1 BETWEEN c.start_date AND c.end_date
  )
  AND NOT EXISTS (
    SELECT FROM notifications n WHERE n.user_id = u.id AND n.dedupe_key = %(key)s || (u.last_checkin_date + 1)::text
  )
"""
DUE = f"SELECT u.id {_DUE}"
LOCK_DUE = f"""
SELECT u.id, u.current_streak, u.last_checkin_date + 1 {_DUE}
AND u.id = ANY (%(ids)s::uuid[]) ORDER BY u.id FOR NO KEY UPDATE OF u SKIP LOCKED
"""


def due_ids() -> list[UUID]:
    return [id for (id,) in _rows(DUE)]


@transactional
def remind(ids: list[UUID]) -> dict[str, int]:
    """Those of them that are still to be: under their locks nobody checks in."""
    return {"reminded": notify_many([_notice(*row) for row in _rows(LOCK_DUE, ids=array(ids))])}


def _notice(user_id: UUID, streak: int, today: date) -> Notice:
    return Notice(
        [user_id],
        NotificationType.STREAK_REMINDER,
        title="Keep your streak",
        body=f"You have a {streak}-day streak and no check-in yet today.",
        data={"streak": streak},
        dedupe_key=f"{KEY}{today.isoformat()}",
    )


def _rows(sql: str, **values: Any) -> list[tuple]:
    times = clock.local_times()
    mornings = {name: time.date() for name, time in times.items() if time.hour == HOUR}
    if not mornings:
        return []
    values |= {
        "zones": list(mornings),
        "days": Jsonb({name: day.isoformat() for name, day in mornings.items()}),
        "first": min(mornings.values()) - DAY,
        "last": max(time.date() for time in times.values()) - DAY,
        "key": KEY,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
