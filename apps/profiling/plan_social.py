"""More rows of plan_data, over the lists of plan_world: what people are to each other."""

from apps.profiling.plan_world import SYSTEM_HABIT, Rows
from apps.social.models import Hitch

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
SOCIAL = (HITCHES,)
