"""Hitches come back: once each UTC day every active member has as many as a new one, less what was spent since.

The refill of a day begins at one instant, whoever runs it, how often and how late: what a member spends after that
stays spent. So a second run gives nobody more, and one that died is ended by the next.
"""

from collections.abc import Iterable
from datetime import datetime, time
from uuid import UUID

from django.conf import settings
from django.db import connection

from apps.challenges.models import Membership
from apps.core import clock
from apps.core.arrays import array
from apps.core.clock import DAY
from apps.core.transactions import transactional
from apps.jobs.models import JobRun, Outcome

NAME = "refill-hitches"

# Read after the rows are locked: nobody spends meanwhile. A call logs one row for each target, all of one instant.
# The links name the habits by which the unique index finds what a member has sent.
REFILL = """
WITH due AS MATERIALIZED (
    SELECT m.id, greatest(0, %(full)s - (
        SELECT count(DISTINCT h.created_at)
        FROM challenge_habits l
        JOIN hitch_log h ON h.challenge_id = l.challenge_id AND h.habit_id = l.habit_id AND h.sender_id = m.user_id
        WHERE l.challenge_id = m.challenge_id AND h.created_at > %(since)s AND h.hitch_date >= %(earliest)s
    )) AS hitches
    FROM challenge_members m WHERE m.id = ANY (%(ids)s::uuid[])
)
UPDATE challenge_members m SET hitch_count = due.hitches FROM due
WHERE m.id = due.id AND m.id = ANY (%(ids)s::uuid[]) AND m.hitch_count <> due.hitches
"""


def began_at() -> datetime:
    """When the refill of this UTC day began. Its row in the run log has the day for its key: who is first writes it."""
    now = clock.now()
    midnight = datetime.combine(now, time(), now.tzinfo)
    key = UUID(int=int(midnight.timestamp() * 1000) << 80)  # in the order of the other keys, which are made of time too
    begun = {"name": NAME, "started_at": now, "duration_ms": 0, "outcome": Outcome.DONE, "counts": {"begun": 1}}
    run, _ = JobRun.objects.get_or_create(pk=key, defaults=begun)
    return run.started_at


def due_ids() -> list[UUID]:
    """Of active members who do not have what a new one has. Once a day the whole table is looked through."""
    due = Membership.objects.active().exclude(hitch_count=settings.DEFAULT_HITCH_COUNT)
    return list(due.values_list("pk", flat=True))


@transactional
def refill(ids: Iterable[UUID], since: datetime, *, waits: bool = False) -> tuple[int, list[UUID]]:
    """How many have more or fewer hitches now, and the ids of those who were busy; with `waits` nobody is.

    No cached value holds what is left of a quota (contract 9.3), so there is nothing to expire.
    """
    rows = Membership.objects.active().filter(pk__in=ids).order_by("pk")
    locked = list(rows.select_for_update(no_key=True, skip_locked=not waits).values_list("pk", flat=True))
    values = {
        "ids": array(locked),
        "full": settings.DEFAULT_HITCH_COUNT,
        "since": since,
        "earliest": since.date() - DAY,  # nobody's day is older than that of UTC by more
    }
    with connection.cursor() as cursor:
        cursor.execute(REFILL, values)
        return cursor.rowcount, list(set(ids) - set(locked))
