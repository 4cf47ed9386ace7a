"""The SQL of challenges that Django's ORM cannot say: rows of several tables that come or move in one statement."""

from uuid import UUID

from django.conf import settings
from django.db import connection

from apps.challenges.models import Challenge, MemberStatus
from apps.core import clock
from apps.core.arrays import array
from apps.core.models import uuid7

STORED = [field for field in Challenge._meta.concrete_fields if not field.generated]

_INSERT_MEMBER = """
    INSERT INTO challenge_members (
        id, challenge_id, user_id, role, joined_at, hitch_count, status, current_streak, longest_streak,
        total_checkins, points_earned, kept_points, is_completed
    )
"""

# Nothing at all when another challenge has the code.
CREATE = f"""
WITH made AS (
    INSERT INTO challenges ({", ".join(field.column for field in STORED)})
    VALUES ({", ".join(f"%({field.attname})s" for field in STORED)})
    ON CONFLICT ON CONSTRAINT one_challenge_per_invite_code DO NOTHING
    RETURNING id, created_by_id, created_at
), linked AS (
    INSERT INTO challenge_habits (id, challenge_id, habit_id, display_order, created_at)
    SELECT link.id, made.id, link.habit_id, link.number - 1, made.created_at
    FROM made, unnest(%(link_ids)s::uuid[], %(habit_ids)s::uuid[]) WITH ORDINALITY AS link (id, habit_id, number)
), entered AS (
    {_INSERT_MEMBER}
    SELECT %(membership_id)s, id, created_by_id, 'creator', created_at, %(hitches)s, 'active', 0, 0, 0, 0, 0, FALSE
    FROM made
)
SELECT id FROM made
"""  # noqa: S608 - of names of columns

# Who was here before keeps the statistics, the day of joining and the hitches that were left.
ENTER = f"""
WITH entered AS (
    {_INSERT_MEMBER}
    VALUES (%(id)s, %(challenge_id)s, %(user_id)s, 'member', %(now)s, %(hitches)s, 'active', 0, 0, 0, 0, 0, FALSE)
    ON CONFLICT ON CONSTRAINT one_membership_per_user DO UPDATE
        SET role = 'member', status = 'active', left_at = NULL WHERE challenge_members.status IN ('pending', 'left')
    RETURNING challenge_id
)
UPDATE challenges c SET member_count = c.member_count + 1, updated_at = %(now)s
FROM entered WHERE c.id = entered.challenge_id
RETURNING c.id
"""  # noqa: S608 - of constants

END = """
WITH ended AS (
    UPDATE challenge_members SET status = %(status)s, left_at = %(now)s WHERE id = %(id)s
)
UPDATE challenges SET member_count = member_count - 1, updated_at = %(now)s
WHERE id = %(challenge_id)s AND %(was_active)s
RETURNING id
"""


def create(challenge: Challenge, habit_ids: list[UUID]) -> bool:
    """With its habits in this order and its creator's membership; False, and nothing, when its code is taken."""
    values = {field.attname: getattr(challenge, field.attname) for field in STORED}
    values |= {"habit_ids": array(habit_ids), "link_ids": array(uuid7() for _ in habit_ids)}
    values |= {"membership_id": uuid7(), "hitches": settings.DEFAULT_HITCH_COUNT}
    return bool(connection.rows(CREATE, values, prepared=True))


def enter(challenge_id: UUID, user_id: UUID) -> bool:
    """As an active member: a new one, or one who is pending or had left. False, and nothing, for whoever is active or
    was kicked. The caller has locked the challenge."""
    values = {"id": uuid7(), "challenge_id": challenge_id, "user_id": user_id, "now": clock.now()}
    return bool(connection.rows(ENTER, values | {"hitches": settings.DEFAULT_HITCH_COUNT}, prepared=True))


def end(challenge_id: UUID, membership_id: UUID, status: MemberStatus, *, was_active: bool) -> None:
    """`status`: left or kicked. Only active members count. The caller has locked the challenge."""
    values = {"id": membership_id, "challenge_id": challenge_id, "status": status.value, "now": clock.now()}
    connection.rows(END, values | {"was_active": was_active}, prepared=True)
