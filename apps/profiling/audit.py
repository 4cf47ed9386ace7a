"""Recomputes what is stored twice (contract 3.13) from the rows it stands for, in SQL and on its own.

It shares no code with the services that keep these values: it is the second opinion. Each statement sees one snapshot,
so it may run beside a working server. A membership that is missing altogether shows as stored values of None.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connection, transaction


class Difference(NamedTuple):
    value: str
    id: str
    stored: Any
    recomputed: Any


# Gaps and islands: among consecutive dates, date minus row number stays the same.
STREAKS = """
    SELECT {keys}, max(length) AS longest, max(last_day) AS last_day,
           (array_agg(length ORDER BY last_day DESC))[1] AS current
    FROM (
        SELECT {keys}, count(*) AS length, max(checkin_date) AS last_day
        FROM (
            SELECT {keys}, checkin_date,
                   checkin_date - row_number() OVER (PARTITION BY {keys} ORDER BY checkin_date)::int AS island
            FROM (SELECT DISTINCT {keys}, checkin_date FROM check_ins WHERE status IN ('completed', 'verified')) AS days
        ) AS numbered
        GROUP BY {keys}, island
    ) AS runs
    GROUP BY {keys}
"""

# Each: a table's rows as id, then (stored, recomputed) for every name of VALUES.
MEMBERS = """
    WITH streaks AS ({streaks}),
    totals AS (
        SELECT challenge_id, user_id, count(*) AS check_ins, sum(points_earned) AS points
        FROM check_ins GROUP BY challenge_id, user_id
    )
    SELECT coalesce(m.id::text, 'no membership for ' || challenge_id || ' ' || user_id),
           m.current_streak, coalesce(s.current, 0),
           m.longest_streak, coalesce(s.longest, 0),
           m.last_checkin_date, s.last_day,
           m.total_checkins, coalesce(t.check_ins, 0),
           m.points_earned, coalesce(t.points, 0) + coalesce(m.kept_points, 0)
    FROM challenge_members m
    FULL JOIN totals t USING (challenge_id, user_id)
    LEFT JOIN streaks s USING (challenge_id, user_id)
"""
CHALLENGES = """
    WITH streaks AS ({streaks}),
    active AS (SELECT challenge_id, count(*) AS members FROM challenge_members WHERE status = 'active' GROUP BY 1)
    SELECT c.id::text,
           c.current_streak, coalesce(s.current, 0),
           c.last_checkin_date, s.last_day,
           c.member_count, coalesce(a.members, 0)
    FROM challenges c
    LEFT JOIN streaks s ON s.challenge_id = c.id
    LEFT JOIN active a ON a.challenge_id = c.id
"""
USERS = """
    WITH streaks AS ({streaks}),
    totals AS (SELECT user_id, count(*) AS check_ins, sum(points_earned) AS points FROM check_ins GROUP BY 1),
    kept AS (
        SELECT user_id, sum(kept_points) AS points, count(*) FILTER (WHERE is_completed) AS completed
        FROM challenge_members GROUP BY 1
    )
    SELECT u.id::text,
           u.current_streak, coalesce(s.current, 0),
           u.longest_streak, coalesce(s.longest, 0),
           u.last_checkin_date, s.last_day,
           u.total_check_ins, coalesce(t.check_ins, 0),
           u.points, coalesce(t.points, 0) + coalesce(k.points, 0),
           u.total_challenges_completed, coalesce(k.completed, 0),
           u.day_floor, greatest(u.day_floor, s.last_day)
    FROM users u
    LEFT JOIN streaks s ON s.user_id = u.id
    LEFT JOIN totals t ON t.user_id = u.id
    LEFT JOIN kept k ON k.user_id = u.id
"""
STREAK_VALUES = ("current_streak", "longest_streak", "last_checkin_date")
CHECKS = (
    ("challenge_members", MEMBERS, "challenge_id, user_id", (*STREAK_VALUES, "total_checkins", "points_earned")),
    ("challenges", CHALLENGES, "challenge_id", ("current_streak", "last_checkin_date", "member_count")),
    (
        *("users", USERS, "user_id"),
        (*STREAK_VALUES, "total_check_ins", "points", "total_challenges_completed", "day_floor"),
    ),
)


def differences() -> list[Difference]:
    """Every stored value that is not what its rows say. Seconds on a million check-ins."""
    found = []
    with transaction.atomic(), connection.cursor() as cursor:
        # Sorting a million dates in memory instead of on disk; given back with the transaction.
        cursor.execute("SELECT set_config('work_mem', '128MB', true), set_config('jit', 'off', true)")
        for table, statement, keys, values in CHECKS:
            cursor.execute(only_differing(statement, keys, len(values)))
            found += [difference for row in cursor for difference in of_row(table, values, row)]
    return found


def only_differing(statement: str, keys: str, values: int) -> str:
    stored, recomputed = (", ".join(f"{side}{number}" for number in range(values)) for side in "sr")
    columns = ", ".join(f"s{number}, r{number}" for number in range(values))
    rows = statement.format(streaks=STREAKS.format(keys=keys))
    return f"SELECT * FROM ({rows}) AS t (id, {columns}) WHERE ({stored}) IS DISTINCT FROM ({recomputed}) ORDER BY id"  # noqa: S608


def of_row(table: str, values: tuple[str, ...], row: tuple) -> Iterator[Difference]:
    for number, value in enumerate(values):
        stored, recomputed = row[1 + 2 * number : 3 + 2 * number]
        if stored != recomputed:
            yield Difference(f"{table}.{value}", row[0], stored, recomputed)
