"""Starting and ending many challenges at once, by the clock: what lifecycle.py does with one, by statements over sets.

The ids are a batch of what due.py has found. Under their locks the condition is asked again: what has been moved
meanwhile, or is being moved, stays as it is.
"""

from collections import Counter
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from apps.challenges import cache, due
from apps.challenges.models import Challenge, ChallengeStatus, Membership, MemberStatus
from apps.challenges.services.lifecycle import end_notice, is_success, start_notice
from apps.core import clock
from apps.core.arrays import array
from apps.core.numbers import percentage
from apps.core.transactions import transactional
from apps.notifications.services import notify_many

MOVE = """
UPDATE challenges c SET status = t.status, completion_rate = coalesce(t.rate, c.completion_rate), updated_at = %(now)s
FROM unnest(%(ids)s::uuid[], %(statuses)s::text[], %(rates)s::numeric[]) AS t (id, status, rate) WHERE c.id = t.id
"""
LOCK_USERS = "SELECT FROM users WHERE id = ANY (%(ids)s::uuid[]) ORDER BY id FOR NO KEY UPDATE"
COUNT_SUCCESS = """
UPDATE users u SET total_challenges_completed = u.total_challenges_completed + t.times, updated_at = %(now)s
FROM unnest(%(ids)s::uuid[], %(times)s::int[]) AS t (id, times) WHERE u.id = t.id
"""


class Member(NamedTuple):
    challenge_id: UUID
    user_id: UUID
    status: str
    total_checkins: int


class End(NamedTuple):
    """Of one challenge, with its active members."""

    challenge: Challenge
    members: list[Member]
    rate: float
    is_success: bool


@transactional
def activate_due(ids: list[UUID]) -> dict[str, int]:
    """pending -> active; active members are told, unless it is over already."""
    locked = due.rows(due.LOCK_STARTING, ids=array(ids))
    if not locked:
        return {}
    started = [_challenge(*row[:3], ChallengeStatus.ACTIVE) for row in locked]
    is_over = {row[0]: row[3] for row in locked}
    present = _present(started)
    _move(started, rates={})
    told = [challenge for challenge in started if not is_over[challenge.pk]]
    notify_many([start_notice(challenge, _users(_active(present[challenge.pk]))) for challenge in told])
    _expire(started, present)
    return {"activated": len(started)}


@transactional
def close_due(ids: list[UUID]) -> dict[str, int]:
    """active -> completed or failed: rates are fixed, members are told, successes are counted."""
    locked = due.rows(due.LOCK_ENDING, ids=array(ids))
    if not locked:
        return {}
    closing = [_challenge(*row[:3], ChallengeStatus.FAILED) for row in locked]
    present = _present(closing, is_locked=True)
    ends = [_end(challenge, present[challenge.pk], row[3]) for challenge, row in zip(closing, locked, strict=True)]
    _move(closing, rates={end.challenge.pk: end.rate for end in ends})
    _count_successes([end for end in ends if end.is_success])
    notify_many([end_notice(end.challenge, _users(end.members), end.rate) for end in ends])
    _expire(closing, present)
    return Counter(str(challenge.status) for challenge in closing)


def _challenge(id: UUID, name: str, is_public: bool, status: str) -> Challenge:
    return Challenge(pk=id, name=name, is_public=is_public, status=status)


def _present(challenges: list[Challenge], *, is_locked: bool = False) -> dict[UUID, list[Member]]:
    """Active and pending members by challenge. Under its lock nobody comes or goes."""
    rows = Membership.objects.present().filter(challenge__in=[challenge.pk for challenge in challenges])
    rows = rows.order_by("pk").values_list(*Member._fields)
    found: dict[UUID, list[Member]] = {challenge.pk: [] for challenge in challenges}
    for row in rows.select_for_update(no_key=True) if is_locked else rows:
        member = Member(*row)
        found[member.challenge_id].append(member)
    return found


def _end(challenge: Challenge, present: list[Member], possible_of_each: int) -> End:
    """Judges the challenge, whose status becomes what it deserves."""
    members = _active(present)
    done, possible = sum(member.total_checkins for member in members), possible_of_each * len(members)
    success = is_success(done, possible)
    challenge.status = ChallengeStatus.COMPLETED if success else ChallengeStatus.FAILED
    return End(challenge, members, percentage(done, possible), success)


def _move(challenges: list[Challenge], *, rates: dict[UUID, float]) -> None:
    values: dict[str, Any] = {
        "ids": array(challenge.pk for challenge in challenges),
        "statuses": [str(challenge.status) for challenge in challenges],
        "rates": [rates.get(challenge.pk) for challenge in challenges],
        "now": clock.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(MOVE, values)


def _count_successes(ends: list[End]) -> None:
    times = Counter(user_id for end in ends for user_id in _users(end.members))
    if not times:
        return
    won = Membership.objects.active().filter(challenge__in=[end.challenge.pk for end in ends])
    won.update(is_completed=True)
    values = {"ids": array(times), "times": array(times.values()), "now": clock.now()}
    with connection.cursor() as cursor:
        # Locked by id before they are updated: the UPDATE alone would lock them in the order of its plan.
        cursor.execute(LOCK_USERS, values)
        cursor.execute(COUNT_SUCCESS, values)


def _expire(challenges: list[Challenge], present: dict[UUID, list[Member]]) -> None:
    for challenge in challenges:
        cache.expire_in_lists(challenge, members=_users(present[challenge.pk]), facts=True)


def _active(members: list[Member]) -> list[Member]:
    return [member for member in members if member.status == MemberStatus.ACTIVE]


def _users(members: list[Member]) -> list[UUID]:
    return [member.user_id for member in members]
