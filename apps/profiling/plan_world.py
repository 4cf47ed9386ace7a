"""The rows of plan_data, written as SQL over three lists: people, dares (challenges) and seats (memberships).

Person 1 is the busiest, the last hundred have joined nothing. Dare 1 is full and runs for a year; those above 5,000 are
sixty of the busiest person, a month apart. Columns that are not named get the default of their field.
"""

from typing import NamedTuple

from django.db import models

from apps.accounts.models import LoginFailure, Session, User
from apps.challenges.models import Challenge, ChallengeHabit, Habit, Membership
from apps.checkins.models import CheckIn
from apps.notifications.models import Notification

COMMON_NAME, RARE_NAME = "an", "Xanthippe"
# Of the busiest person: the latest token that works, and the one before it.
REFRESH_TOKEN, USED_REFRESH_TOKEN = "now-29700", "before-29700"  # noqa: S105
FIRST = "'{Anna,Bao,Carla,Diana,Emre,Fatou,Hana,Ivan,Jana,Juan,Kim,Linh,Mai,Susan}'::text[]"
LAST = "'{Adler,Banda,Costa,Dang,Fischer,Gupta,Haddad,Ito,Jansen,Nguyen,Osei,Park,Silva}'::text[]"

# Keys follow time, as those of the application do; the number tells those of one millisecond apart.
LISTS = """
CREATE FUNCTION pg_temp.key(at timestamptz, n bigint) RETURNS uuid STABLE LANGUAGE sql AS $$
    SELECT (lpad(to_hex((date_part('epoch', at) * 1000)::bigint << 16 | 28672 | (n & 4095)), 16, '0')
        || to_hex((-9223372036854775807 - 1) | n))::uuid
$$;
CREATE TEMP TABLE people AS
    SELECT n, pg_temp.key(at, n) AS id, at
    FROM generate_series(1, 20000) n, LATERAL (
        SELECT %(now)s - CASE n WHEN 1 THEN interval '2000 days' ELSE (20001 - n) * interval '25 minutes' END AS at
    ) t;
CREATE TEMP TABLE dares AS
    SELECT n, pg_temp.key(at, n) AS id, start, start + days AS last, size, at
    FROM generate_series(1, 5060) n, LATERAL (
        SELECT
            CASE WHEN n = 1 THEN 50 WHEN n > 5000 THEN 10 ELSE 1 + mod(n * 7, 20) END AS size,
            CASE WHEN n = 1 OR n > 5000 THEN 364 ELSE ('{7,14,21,30,60}'::int[])[1 + mod(n, 5)] END AS days,
            %(today)s + CASE WHEN n = 1 THEN -363 WHEN n > 5000 THEN -1800 + 30 * (n - 5001) ELSE 4 - (5000 - n) / 12
            END AS start
    ) t, LATERAL (SELECT (start - 1) AT TIME ZONE 'UTC' AS at) u;
CREATE TEMP TABLE seats AS
    SELECT d.n, i, d.id AS dare, p.n AS person, p.id AS person_id, start, last, d.at, CASE
        WHEN i = 0 OR d.n = 1 OR d.n > 5000 THEN 'active'
        WHEN mod(d.n + 3 * i, 11) = 0 THEN 'left'
        WHEN mod(d.n + 3 * i, 37) = 0 THEN 'kicked'
        ELSE 'active' END AS status
    FROM dares d, generate_series(0, d.size - 1) i, people p
    WHERE p.n = CASE WHEN d.n = 1 AND i = 0 OR d.n > 5000 AND i = 1 THEN 1 ELSE 2 + mod(d.n * 37 + i * 397, 19898) END;
ANALYZE people, dares, seats
"""
FORGET = "DROP TABLE seats, dares, people; DROP FUNCTION pg_temp.key"


class Rows(NamedTuple):
    model: type[models.Model]
    columns: dict[str, str]
    source: str


PEOPLE = Rows(
    User,
    {
        "id": "id",
        "email": "'person' || n || '@plans.example.com'",
        "password": "'!'",
        "display_name": f"CASE n WHEN 77 THEN '{RARE_NAME}' ELSE ({FIRST})[1 + mod(n, 14)] END"
        f" || ' ' || ({LAST})[1 + mod(n / 14, 13)]",
        "timezone": "('{UTC,UTC,Europe/Berlin,Asia/Ho_Chi_Minh,America/New_York}'::text[])[1 + mod(n, 5)]",
        "current_streak": "CASE WHEN mod(n, 4) = 0 THEN mod(n, 90) ELSE 0 END",
        "total_check_ins": "30000",
        "points": "300000",
        "last_checkin_date": "%(today)s - mod(n, 40)",
        "push_token": "CASE WHEN mod(n, 3) = 0 THEN 'ExponentPushToken[' || n || ']' END",
        "is_active": "mod(n, 50) <> 49",
        "created_at": "at",
        "updated_at": "at",
        "last_seen_at": "%(now)s - mod(n, 40) * interval '1 day'",
    },
    "people ORDER BY at",
)

# The migration made them, but a test that empties the tables takes them away.
SYSTEM_HABITS = Rows(
    Habit,
    {
        "id": "('00000000-0000-0000-0000-' || lpad(h::text, 12, '0'))::uuid",
        "name": "'System habit ' || h",
        "is_system": "true",
        "created_at": "%(now)s",
    },
    "generate_series(1, 10) h WHERE NOT EXISTS (SELECT FROM habits)",
)

# Every second person has a habit of their own; the busiest has as many as are allowed.
HABITS = Rows(
    Habit,
    {
        "id": "pg_temp.key(%(now)s, h)",
        "name": "'Habit ' || h",
        "category": "('{health,learning,social}'::text[])[1 + mod(h, 3)]",
        "created_by_id": "id",
        "created_at": "%(now)s - h * interval '1 minute'",
    },
    "generate_series(1, 10098) h JOIN people ON n = CASE WHEN h <= 100 THEN 1 ELSE 2 * (h - 99) END",
)

CHALLENGES = Rows(
    Challenge,
    {
        "id": "id",
        "name": "('{Morning run,Evening calm,Read more,Water first,No feeds}'::text[])[1 + mod(n / 7, 5)] || ' ' || n",
        "type": "'group'",
        "status": "CASE WHEN start > %(today)s THEN 'pending' WHEN last >= %(today)s THEN 'active'"
        " ELSE ('{completed,failed,archived}'::text[])[1 + mod(n, 3)] END",
        "checkin_type": "'any'",
        "start_date": "start",
        "end_date": "last",
        "max_members": "50",
        "member_count": "taken",
        "require_evidence": "false",
        "is_public": "mod(n / 5, 5) < 2",
        "invite_code": "translate(upper(lpad(to_hex(n), 6, '0')), '01', 'XY')",
        "created_by_id": "creator",
        "created_at": "at",
        "updated_at": "at",
    },
    """
    dares JOIN (
        SELECT n, count(*) FILTER (WHERE status = 'active') AS taken, (array_agg(person_id ORDER BY i))[1] AS creator
        FROM seats GROUP BY n
    ) s USING (n) ORDER BY at
    """,
)
SYSTEM_HABIT = "('00000000-0000-0000-0000-' || lpad((1 + mod(n + {place}, 10))::text, 12, '0'))::uuid"
HABIT_LINKS = Rows(
    ChallengeHabit,
    {
        "id": "pg_temp.key(at, 4 * n + place)",
        "challenge_id": "id",
        "habit_id": SYSTEM_HABIT.format(place="place"),
        "display_order": "place",
        "created_at": "at",
    },
    "dares, generate_series(0, mod(n, 4)) place ORDER BY at",
)
MEMBERS = Rows(
    Membership,
    {
        "id": "pg_temp.key(at, 50 * n + i)",
        "challenge_id": "dare",
        "user_id": "person_id",
        "role": "CASE WHEN i = 0 THEN 'creator' WHEN i = 1 THEN 'admin' ELSE 'member' END",
        "status": "status",
        "total_checkins": "1000",
        "points_earned": "10000",
        "joined_at": "at + i * interval '1 minute'",
        "left_at": "CASE WHEN status <> 'active' THEN at + interval '3 days' END",
    },
    "seats ORDER BY at",
)

# Everybody in the full challenge on every day of a year; the busiest person in all others on every day; the rest now
# and then in their first days.
CHECK_INS = Rows(
    CheckIn,
    {
        "id": "pg_temp.key(moment, row_number() OVER (ORDER BY moment))",
        "challenge_id": "dare",
        "habit_id": SYSTEM_HABIT.format(place="place"),
        "user_id": "person_id",
        "checkin_date": "day",
        "status": "CASE WHEN mod(n + i, 97) = 5 THEN 'rejected' ELSE 'completed' END",
        "caption": "'Done for today, number ' || day - start",
        "points_earned": "10",
        "created_at": "moment",
        "updated_at": "moment",
    },
    """
    seats, generate_series(0, CASE WHEN n = 1 THEN 1 ELSE 0 END) place, LATERAL (
        SELECT
            start + number AS day,
            (start + number) AT TIME ZONE 'UTC' + mod(n * 7 + i, 840) * interval '1 minute' AS moment
        FROM generate_series(0, least(last, %(today)s) - start) number
        WHERE n = 1 OR person = 1 OR number < 10 AND mod(n + i + number, 2) = 0
    ) d
    WHERE status IN ('active', 'left') ORDER BY moment
    """,
)

# Five in a hundred have expired; the busiest has two thousand, half of them unread.
NOTIFICATIONS = Rows(
    Notification,
    {
        "id": "pg_temp.key(moment, k)",
        "user_id": "id",
        "type": "'challenge_started'",
        "title": "'Challenge started!'",
        "body": "'Number ' || k || ' has started.'",
        "data": "jsonb_build_object('challenge_id', id)",
        "is_read": "mod(k, 2) = 0",
        "read_at": "CASE WHEN mod(k, 2) = 0 THEN moment END",
        "dedupe_key": "CASE WHEN mod(k, 3) = 0 THEN 'plan:' || k END",
        "created_at": "moment",
        "expires_at": "moment + interval '30 days'",
    },
    """
    (SELECT k, %(now)s - interval '31.5 days' * (60000 - k) / 60000 AS moment FROM generate_series(1, 60000) k) l
    JOIN people ON n = CASE WHEN mod(k, 60) < 2 THEN 1 ELSE 2 + mod(k, 19998) END
    ORDER BY moment
    """,
)

# Two hundred log-ins of the busiest, one or two of everybody else: every seventh revoked, every fourth rotated.
SESSIONS = Rows(
    Session,
    {
        "id": "pg_temp.key(moment, k)",
        "user_id": "id",
        "refresh_hash": "encode(sha256(('now-' || k)::bytea), 'hex')",
        "previous_refresh_hash": "CASE WHEN mod(k, 4) = 0 THEN encode(sha256(('before-' || k)::bytea), 'hex') END",
        "rotated_at": "CASE WHEN mod(k, 4) = 0 THEN moment + interval '1 hour' END",
        "created_at": "moment",
        "expires_at": "moment + interval '30 days'",
        "revoked_at": "CASE WHEN mod(k, 7) = 0 THEN moment + interval '2 hours' END",
    },
    """
    (SELECT k, %(now)s - (30000 - k) * interval '120 seconds' AS moment FROM generate_series(1, 30000) k) l
    JOIN people ON n = CASE WHEN mod(k, 150) = 0 THEN 1 ELSE 1 + mod(k, 19999) END ORDER BY moment
    """,
)
FAILURES = Rows(
    LoginFailure,
    {
        "email_hash": "encode(sha256(('nobody' || k)::bytea), 'hex')",
        "failures": "1",
        "window_started_at": "%(now)s - k * interval '1 minute'",
    },
    "generate_series(1, 5000) k",
)
WORLD = (PEOPLE, SYSTEM_HABITS, HABITS, CHALLENGES, HABIT_LINKS, MEMBERS, CHECK_INS, NOTIFICATIONS, SESSIONS, FAILURES)
