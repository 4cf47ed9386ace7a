"""More rows of plan_data, over the lists of plan_world: what people are to each other."""

from apps.profiling.plan_world import SYSTEM_HABIT, Rows
from apps.social.models import Friendship, Hitch

# Three that everybody asked; and eight hundred of the busiest, of whom five hundred are friends.
FRIENDSHIPS = Rows(
    Friendship,
    {
        "id": "pg_temp.key(moment, k)",
        "requester_id": "CASE WHEN mod(k / 20, 2) = 0 THEN a.id ELSE b.id END",
        "addressee_id": "CASE WHEN mod(k / 20, 2) = 0 THEN b.id ELSE a.id END",
        "status": "CASE WHEN mod(k, 20) < 13 THEN 'accepted' WHEN mod(k, 20) < 17 THEN 'pending'"
        " WHEN mod(k, 20) < 19 THEN 'rejected' ELSE 'blocked' END",
        "accepted_at": "CASE WHEN mod(k, 20) < 13 THEN moment + interval '1 day' END",
        "created_at": "moment",
        "updated_at": "moment + interval '1 day'",
    },
    """
    (
        SELECT k, one, other, %(now)s - (1 + mod(k * 7919, 60000)) * interval '10 minutes' AS moment FROM (
            SELECT row_number() OVER () AS k, one, other FROM (
                SELECT 1 AS one, 2 + 13 * i AS other FROM generate_series(0, 799) i
                UNION ALL
                SELECT i, i + step FROM generate_series(2, 19700) i, unnest('{1,7,101}'::int[]) step
            ) pairs
        ) numbered
    ) l JOIN people a ON a.n = one JOIN people b ON b.n = other ORDER BY moment
    """,
)

# Everybody has reminded who sits next, on the first day; in the full challenge on a hundred days.
HITCHES = Rows(
    Hitch,
    {
        "id": "pg_temp.key(moment, row_number() OVER (ORDER BY moment))",
        "challenge_id": "dare",
        "habit_id": SYSTEM_HABIT.format(place=0),
        "sender_id": "person_id",
        "target_id": "target",
        "hitch_date": "start + number",
        "created_at": "moment",
    },
    """
    seats JOIN (SELECT n, i - 1 AS i, person_id AS target FROM seats) t USING (n, i),
    generate_series(0, CASE WHEN n = 1 THEN 99 ELSE 0 END) number, LATERAL (
        SELECT (start + number) AT TIME ZONE 'UTC' + mod(n * 7 + i, 1200) * interval '1 minute' AS moment
    ) d
    WHERE start + number < %(today)s ORDER BY moment
    """,
)
SOCIAL = (FRIENDSHIPS, HITCHES)
