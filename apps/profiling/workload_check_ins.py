"""Check-ins that bin/bench can make: plain ones, each open today, in an order in which nobody meets himself."""

from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from apps.accounts.tokens import issue_access
from apps.checkins.services import record_check_in
from apps.core import clock
from apps.core.models import uuid7
from apps.profiling.workload import API, check_in_body, recorded

# Open pairs of people whose day is UTC's, so that all check-ins are of one date. Nobody reaches a milestone, which
# would write a notification as well. One pair of each person, then the second of each, and so on.
OPEN_PAIRS = """
    SELECT user_id, token_version, challenge_id, habit_id, has_day
    FROM (
        SELECT u.id AS user_id, u.token_version, c.id AS challenge_id, h.habit_id,
               c.last_checkin_date IS NOT DISTINCT FROM %(day)s AS has_day,
               row_number() OVER (PARTITION BY u.id ORDER BY md5(c.id::text || h.habit_id)) AS turn
        FROM users u
        JOIN challenge_members m ON m.user_id = u.id AND m.status = 'active'
        JOIN challenges c ON c.id = m.challenge_id AND c.status = 'active'
        JOIN challenge_habits h ON h.challenge_id = c.id
        WHERE %(day)s BETWEEN c.start_date AND c.end_date AND u.is_active AND u.timezone = 'UTC'
          AND coalesce(u.day_floor, %(day)s) <= %(day)s AND NOT u.current_streak + 1 = ANY (%(milestones)s)
          AND NOT EXISTS (
              SELECT FROM check_ins i
              WHERE i.challenge_id = c.id AND i.habit_id = h.habit_id AND i.user_id = u.id AND i.checkin_date = %(day)s
          )
    ) AS pairs
    ORDER BY turn, user_id
"""
RECORDED = 2


def check_ins(most: int) -> dict[str, Any]:
    """The SQL of a check-in with the values of some, and up to `most` requests. Makes the first check-in of the date in
    every challenge: that one costs more, and happens once a day."""
    begin_the_day()
    requests = list(islice(ready_pairs(), most))
    if len({request["user"] for request in requests[:RECORDED]}) < RECORDED:
        raise ValueError("too few open pairs of people in UTC: seed load or large, today")
    made = recorded([request | {"status": 201} for request in requests[:RECORDED]])
    return made | {"requests": made["requests"] + requests[RECORDED:]}


def begin_the_day() -> None:
    begun: set[UUID] = set()
    for user_id, _, challenge_id, habit_id, has_day in open_pairs():
        if not has_day and challenge_id not in begun:
            begun.add(challenge_id)
            record_check_in(user_id=user_id, challenge_id=challenge_id, habit_id=habit_id, caption="The first")


def ready_pairs() -> Iterator[dict[str, Any]]:
    tokens: dict[UUID, str] = {}
    for user_id, token_version, challenge_id, habit_id, _ in open_pairs():
        if user_id not in tokens:
            tokens[user_id] = issue_access(user_id, uuid7(), token_version)
        body = check_in_body(challenge_id, habit_id)
        yield {"path": f"{API}/checkins", "token": tokens[user_id], "user": user_id, "body": body, "status": 201}


def open_pairs() -> list[tuple]:
    with connection.cursor() as cursor:
        values = {"day": clock.now().date(), "milestones": list(settings.STREAK_MILESTONES)}
        cursor.execute(OPEN_PAIRS, values)
        return cursor.fetchall()
