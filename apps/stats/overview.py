"""How the platform is doing: the staff site's front page, in statements whose cost does not grow with the tables.

What is small is counted. Of what is large a part is read, and the numbers say that nobody counted: `About`.
"""

from datetime import date, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any, NamedTuple

from django.contrib.admin.models import LogEntry
from django.db import connection
from django.http import HttpRequest

from apps.core import clock
from apps.core.clock import DAY
from apps.core.staff_lists import About, first_key_of

DAYS, HOUR = 14, timedelta(hours=1)
# An hour with more is looked at through windows, at times that are the same whenever somebody looks.
MOST_OF_AN_HOUR = 1000
WINDOWS, WINDOW, MOST_OF_A_WINDOW = 12, timedelta(seconds=20), 200
SAMPLED_BYTES = 4 * 1024 * 1024
ACTIONS = 10
STREAKS = ("None", "1-6 days", "7-29 days", "30-99 days", "100+ days")

# Keys follow time: an hour is a range of the primary key.
CHECK_INS = """
    SELECT entry.number
    FROM unnest(%(starts)s::uuid[], %(ends)s::uuid[]) WITH ORDINALITY AS span (first, next, place), LATERAL (
        SELECT count(*) AS number FROM (
            SELECT FROM check_ins WHERE id >= span.first AND id < span.next LIMIT %(most)s
        ) AS entries
    ) AS entry
    ORDER BY span.place
"""
# Blocks of a table, all of them while it is small. REPEATABLE: who loads the page again sees the same numbers.
PEOPLE = """
    SELECT least(1, %(bytes)s::float / greatest(1, pg_relation_size('users'))),
        count(*) FILTER (WHERE is_active),
        count(*) FILTER (WHERE is_active AND last_seen_at >= %(week)s),
        count(*) FILTER (WHERE is_active AND last_seen_at >= %(month)s),
        count(*) FILTER (WHERE streak = 0),
        count(*) FILTER (WHERE streak BETWEEN 1 AND 6),
        count(*) FILTER (WHERE streak BETWEEN 7 AND 29),
        count(*) FILTER (WHERE streak BETWEEN 30 AND 99),
        count(*) FILTER (WHERE streak >= 100)
    FROM (
        SELECT is_active, last_seen_at,
            CASE WHEN last_checkin_date >= %(yesterday)s THEN current_streak ELSE 0 END AS streak
        FROM users TABLESAMPLE SYSTEM (least(100, %(bytes)s * 100.0 / greatest(1, pg_relation_size('users'))))
        REPEATABLE (1)
    ) AS people
"""
CHALLENGES = """
    SELECT least(1, %(bytes)s::float / greatest(1, pg_relation_size('challenges'))),
        count(*) FILTER (WHERE status = 'pending'),
        count(*) FILTER (WHERE status = 'active'),
        coalesce(sum(member_count) FILTER (WHERE status IN ('pending', 'active')), 0)
    FROM challenges TABLESAMPLE SYSTEM (least(100, %(bytes)s * 100.0 / greatest(1, pg_relation_size('challenges'))))
    REPEATABLE (1)
"""


class Bar(NamedTuple):
    label: str
    number: int
    percent: int
    """Of the longest."""


def for_index(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the template of the front page shows."""
    now = clock.now()
    days, people, challenges = check_ins_by_day(now), count_people(now), count_challenges()
    actions = LogEntry.objects.select_related("user", "content_type").order_by("-pk")[:ACTIONS]
    return context | {
        "cards": [
            ("Check-ins today", days[now.date()], "since midnight, UTC"),
            ("Active members", people["week"], f"seen in 7 days; {people['month']} in 30"),
            ("Accounts", people["accounts"], "not deactivated"),
            ("Open challenges", challenges["open"], f"{challenges['pending']} not started yet"),
            ("Memberships", challenges["members"], "in open challenges"),
        ],
        "check_ins": bars({f"{day:%a} {day.day}": number for day, number in days.items()}),
        "streaks": bars(people["streaks"]),
        "actions": actions,
    }


def check_ins_by_day(now: datetime) -> dict[date, int]:
    """Of the last days, in UTC, today's so far."""
    first = datetime.combine(now.date() - (DAYS - 1) * DAY, datetime.min.time(), now.tzinfo)
    hours = [first + number * HOUR for number in range(1 + (now - first) // HOUR)]
    numbers = dict(zip(hours, check_ins_within([(hour, hour + HOUR) for hour in hours], MOST_OF_AN_HOUR), strict=True))
    numbers |= estimates([hour for hour, number in numbers.items() if number == MOST_OF_AN_HOUR])
    days = dict.fromkeys((hour.date() for hour in hours), 0)
    for hour, number in numbers.items():
        days[hour.date()] = added(days[hour.date()], number)
    return days


def estimates(hours: list[datetime]) -> dict[datetime, About]:
    spans = [span for hour in hours for span in windows_of(hour)]
    seen = iter(check_ins_within(spans, MOST_OF_A_WINDOW) if spans else ())
    share = WINDOWS * WINDOW / HOUR
    return {hour: About(sum(islice(seen, WINDOWS)) / share) for hour in hours}


def windows_of(hour: datetime) -> list[tuple[datetime, datetime]]:
    """One in each twelfth of the hour, at any second of it: many people come at full minutes."""
    chance = Random(hour.timestamp())  # noqa: S311 - the same for the same hour
    starts = [
        hour + (number + chance.random() * (1 - WINDOWS * WINDOW / HOUR)) * HOUR / WINDOWS for number in range(WINDOWS)
    ]
    return [(start, start + WINDOW) for start in starts]


def check_ins_within(spans: list[tuple[datetime, datetime]], most: int) -> list[int]:
    """How many there are in each of the spans of time, none counted further than `most`."""
    starts, ends = zip(*spans, strict=True)
    keys = {"starts": list(map(first_key_of, starts)), "ends": list(map(first_key_of, ends))}
    return [number for (number,) in rows(CHECK_INS, keys | {"most": most})]


def count_people(now: datetime) -> dict[str, Any]:
    """Streaks as they are shown: one that was missed yesterday is none."""
    times = {"week": now - 7 * DAY, "month": now - 30 * DAY, "yesterday": now.date() - DAY}
    accounts, week, month, *streaks = scaled(rows(PEOPLE, times | {"bytes": SAMPLED_BYTES})[0])
    return {"accounts": accounts, "week": week, "month": month, "streaks": dict(zip(STREAKS, streaks, strict=True))}


def count_challenges() -> dict[str, int]:
    pending, active, members = scaled(rows(CHALLENGES, {"bytes": SAMPLED_BYTES})[0])
    return {"pending": pending, "open": added(pending, active), "members": members}


def scaled(row: tuple) -> list[int]:
    """The numbers behind the share of the table that they were counted in."""
    share, *numbers = row
    return [int(number) if share == 1 else About(number / share) for number in numbers]


def added(one: int, other: int) -> int:
    kind = About if About in (type(one), type(other)) else int
    return kind(int(one) + int(other))


def bars(numbers: dict[str, int]) -> list[Bar]:
    longest = max(1, *numbers.values())
    return [Bar(label, number, round(100 * number / longest)) for label, number in numbers.items()]


def rows(sql: str, values: dict[str, Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
