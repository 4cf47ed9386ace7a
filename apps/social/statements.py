"""The SQL of hitches that Django's ORM cannot say: two kinds of lock in one read, a log that decides what is spent."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import connection, models

from apps.challenges.models import Challenge
from apps.core import clock
from apps.core.arrays import array
from apps.core.clock import DAY
from apps.core.models import uuid7

# In the order of the model's fields.
CHALLENGE = ("id", "name", "status", "start_date", "end_date")
# Rows are locked in the order in which the FOR clauses name them: challenge -> membership. The shared lock lets others
# of the challenge check in and hitch meanwhile; who closes it, or takes a member out of it, waits.
SCENE = """
SELECT c.id, c.name, c.status, c.start_date, c.end_date, m.id, m.status, m.hitch_count,
       u.display_name, u.timezone, u.day_floor, coalesce(l.custom_name, h.name)
FROM challenges c
JOIN challenge_members m ON m.challenge_id = c.id AND m.user_id = %(sender_id)s
JOIN users u ON u.id = m.user_id
LEFT JOIN challenge_habits l ON l.challenge_id = c.id AND l.habit_id = %(habit_id)s
LEFT JOIN habits h ON h.id = l.habit_id
WHERE c.id = %(challenge_id)s
FOR SHARE OF c FOR NO KEY UPDATE OF m
"""
# Each with the days since `earliest` on which the habit is done: the local day differs from person to person.
REACHABLE = """
SELECT m.user_id, u.timezone, u.day_floor, ARRAY(
    SELECT k.checkin_date FROM check_ins k
    WHERE k.challenge_id = m.challenge_id AND k.habit_id = %(habit_id)s AND k.user_id = m.user_id
      AND k.checkin_date >= %(earliest)s AND k.status IN ('completed', 'verified')
)
FROM challenge_members m JOIN users u ON u.id = m.user_id
WHERE m.challenge_id = %(challenge_id)s AND m.user_id = ANY (%(target_ids)s::uuid[]) AND m.user_id <> %(sender_id)s
  AND m.status = 'active'
"""
# Whom the sender has hitched today already, the constraint leaves out. Nobody left: nothing is spent.
SPEND = """
WITH logged AS (
    INSERT INTO hitch_log (id, challenge_id, habit_id, sender_id, target_id, hitch_date, created_at)
    SELECT id, %(challenge_id)s, %(habit_id)s, %(sender_id)s, target_id, %(day)s, %(now)s
    FROM unnest(%(ids)s::uuid[], %(target_ids)s::uuid[]) AS t (id, target_id)
    ON CONFLICT ON CONSTRAINT one_hitch_per_habit_per_day DO NOTHING
    RETURNING target_id
), spent AS (
    UPDATE challenge_members SET hitch_count = hitch_count - 1
    WHERE id = %(membership_id)s AND EXISTS (SELECT FROM logged)
)
SELECT target_id FROM logged
"""


class Ask(NamedTuple):
    """Who wants whom to be reminded of what."""

    sender_id: UUID
    challenge_id: UUID
    habit_id: UUID


class Scene(NamedTuple):
    """Where the sender stands, locked until the transaction ends. `habit` is its name in this challenge, if it is
    there; of the challenge only what says whether it accepts check-ins is loaded, and its name."""

    challenge: Challenge
    membership_id: UUID
    member_status: str
    hitches: int
    sender: str
    day: date
    habit: str | None


def lock_scene(ask: Ask) -> Scene | None:
    """None without challenge or membership."""
    for row in connection.rows(SCENE, ask._asdict(), prepared=True):
        found, (*standing, sender, timezone, day_floor, habit) = row[: len(CHALLENGE)], row[len(CHALLENGE) :]
        challenge = Challenge.from_db(connection.alias, CHALLENGE, found, fetch_mode=models.FETCH_RAISE)
        return Scene(challenge, *standing, sender, clock.today(timezone, day_floor), habit)
    return None


def reachable(ask: Ask, target_ids: Iterable[UUID]) -> list[UUID]:
    """Those who are active members and have not done the habit on their own today."""
    earliest = clock.now().date() - DAY  # nobody's day is older than that of UTC by more
    values = ask._asdict() | {"target_ids": array(target_ids), "earliest": earliest}
    rows = connection.rows(REACHABLE, values, prepared=True)
    return [user_id for user_id, timezone, floor, days in rows if clock.today(timezone, floor) not in days]


def spend(ask: Ask, scene: Scene, target_ids: list[UUID]) -> list[UUID]:
    """One hitch on all of them; answers those who were not hitched today yet. The time is taken under the lock, so no
    two calls of a member have the same."""
    values = {
        "ids": array(uuid7() for _ in target_ids),
        "target_ids": array(target_ids),
        "membership_id": scene.membership_id,
        "day": scene.day,
        "now": clock.now(),
    }
    return [target_id for (target_id,) in connection.rows(SPEND, ask._asdict() | values, prepared=True)]
