"""The SQL of check-ins that Django's ORM cannot say: two kinds of lock in one read, a write of three tables in one
statement, and distinct days at the cost of the days instead of the rows."""

from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection

from apps.accounts.models import User
from apps.challenges.models import Challenge, Membership
from apps.core.models import loaded

# In the order of the models' fields.
CHALLENGE = (
    "id", "name", "status", "checkin_type", "start_date", "end_date", "require_evidence", "is_public", "current_streak",
    "last_checkin_date",
)  # fmt: skip
MEMBERSHIP = ("id", "status", "current_streak", "longest_streak", "last_checkin_date")
OWNER = ("id", "timezone", "day_floor", "current_streak", "longest_streak", "last_checkin_date")

# Rows are locked in the order in which the FOR clauses name them: challenge -> membership -> user.
_SCENE = """
SELECT {columns}, h.id IS NOT NULL
FROM challenges c
JOIN challenge_members m ON m.challenge_id = c.id AND m.user_id = %(user_id)s
JOIN users u ON u.id = m.user_id
LEFT JOIN challenge_habits h ON h.challenge_id = c.id AND h.habit_id = %(habit_id)s
WHERE c.id = %(challenge_id)s
""".replace(
    "{columns}",
    ", ".join(
        f"{table}.{column}"
        for table, columns in (("c", CHALLENGE), ("m", MEMBERSHIP), ("u", OWNER))
        for column in columns
    ),
)
SCENE_BESIDE_OTHERS = _SCENE + "FOR SHARE OF c FOR NO KEY UPDATE OF m, u"
SCENE_ALONE = _SCENE + "FOR NO KEY UPDATE OF c, m, u"

# Every part sees the tables as they were before the statement. Without `alone`, nothing is written when nobody has
# checked in on this day in this challenge yet: its streak must move, which takes the challenge's exclusive lock.
RECORD = """
WITH before AS (
    SELECT EXISTS (
        SELECT FROM check_ins
        WHERE challenge_id = %(challenge_id)s AND checkin_date = %(day)s AND status IN ('completed', 'verified')
    ) AS has_day, EXISTS (
        SELECT FROM check_ins
        WHERE challenge_id = %(challenge_id)s AND habit_id = %(habit_id)s AND user_id = %(user_id)s
          AND checkin_date = %(yesterday)s AND status IN ('completed', 'verified')
    ) AS has_yesterday
), inserted AS (
    INSERT INTO check_ins (
        id, challenge_id, habit_id, user_id, checkin_date, status, photo_url, video_url, caption, is_on_time,
        points_earned, created_at, updated_at
    )
    SELECT %(id)s, %(challenge_id)s, %(habit_id)s, %(user_id)s, %(day)s, 'completed', %(photo_url)s, %(video_url)s,
           %(caption)s, TRUE, CASE WHEN has_yesterday THEN %(more_points)s ELSE %(points)s END, %(now)s, %(now)s
    FROM before
    WHERE has_day OR %(alone)s
    ON CONFLICT ON CONSTRAINT one_checkin_per_day DO NOTHING
    RETURNING points_earned
), member AS (
    UPDATE challenge_members m
    SET current_streak = %(member_current)s, longest_streak = %(member_longest)s,
        total_checkins = m.total_checkins + 1, points_earned = m.points_earned + inserted.points_earned,
        last_checkin_at = %(now)s, last_checkin_date = %(day)s
    FROM inserted
    WHERE m.id = %(member_id)s
), owner AS (
    UPDATE users u
    SET current_streak = %(owner_current)s, longest_streak = %(owner_longest)s,
        total_check_ins = u.total_check_ins + 1, points = u.points + inserted.points_earned,
        last_checkin_date = %(day)s, day_floor = GREATEST(u.day_floor, %(day)s),
        last_seen_at = CASE WHEN u.last_seen_at <= %(a_minute_ago)s THEN %(now)s ELSE u.last_seen_at END,
        updated_at = %(now)s
    FROM inserted
    WHERE u.id = %(user_id)s
)
SELECT has_day, (SELECT points_earned FROM inserted) FROM before
"""

# One index probe per day, newest first: SELECT DISTINCT would read every row of years of check-ins.
_DAYS = """
WITH RECURSIVE days (day) AS (
    (SELECT checkin_date FROM check_ins
     WHERE {column} = %(id)s AND status IN ('completed', 'verified')
     ORDER BY checkin_date DESC LIMIT 1)
    UNION ALL
    SELECT (SELECT checkin_date FROM check_ins
            WHERE {column} = %(id)s AND status IN ('completed', 'verified') AND checkin_date < days.day
            ORDER BY checkin_date DESC LIMIT 1)
    FROM days WHERE days.day IS NOT NULL
)
SELECT day FROM days WHERE day IS NOT NULL
"""
DAYS_OF_USER = _DAYS.replace("{column}", "user_id")
DAYS_OF_CHALLENGE = _DAYS.replace("{column}", "challenge_id")


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a check-in takes place, locked until the transaction ends. Only the columns named above are loaded."""

    challenge: Challenge
    membership: Membership
    owner: User
    has_habit: bool


def lock_scene(*, challenge_id: UUID, user_id: UUID, habit_id: UUID, alone: bool) -> Scene | None:
    """The scene under its locks, None without challenge or membership.

    Members check in side by side under a shared lock of the challenge; whatever closes it or removes one of them waits.
    `alone` takes it exclusively, for changing the challenge's row: a shared lock must not be raised, two would wait for
    each other.
    """
    ids = {"challenge_id": challenge_id, "user_id": user_id, "habit_id": habit_id}
    row = _row(SCENE_ALONE if alone else SCENE_BESIDE_OTHERS, ids)
    if row is None:
        return None
    values = iter(row)
    return Scene(
        loaded(Challenge, CHALLENGE, list(islice(values, len(CHALLENGE)))),
        loaded(Membership, MEMBERSHIP, list(islice(values, len(MEMBERSHIP)))),
        loaded(User, OWNER, list(islice(values, len(OWNER)))),
        next(values),
    )


def record(values: dict[str, Any]) -> tuple[bool, int | None]:
    """Whether the challenge already had this day, and the points of the check-in: None when nothing was written."""
    return _row(RECORD, values)


def days_of_user(user_id: UUID) -> list[date]:
    return _days(DAYS_OF_USER, user_id)


def days_of_challenge(challenge_id: UUID) -> list[date]:
    return _days(DAYS_OF_CHALLENGE, challenge_id)


def _days(sql: str, id: UUID) -> list[date]:
    return [day for (day,) in connection.rows(sql, {"id": id})]


def _row(sql: str, values: dict[str, Any]) -> tuple | None:
    return next(iter(connection.rows(sql, values, prepared=True)), None)
