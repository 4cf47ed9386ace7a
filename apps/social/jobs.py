"""Hitches come back by the clock."""

from functools import partial
from uuid import UUID

from django.conf import settings

from apps.jobs.registry import job
from apps.jobs.tally import Tally
from apps.social.services import refills


@job(refills.NAME, counts=("refilled",), cron="0 0 * * *", is_on=lambda: settings.HITCH_DAILY_REFILL)
def refill_hitches(tally: Tally) -> None:
    """Who is just checking in is left to the end, and then waited for: it is a day until the next time."""
    if not settings.HITCH_DAILY_REFILL:
        return
    since, busy = refills.began_at(), []

    def step(ids: list[UUID], *, waits: bool) -> dict[str, int]:
        refilled, others = refills.refill(ids, since, waits=waits)
        busy.extend(others)
        return {"refilled": refilled}

    tally.in_batches(refills.due_ids(), partial(step, waits=False))
    tally.in_batches(list(busy), partial(step, waits=True))
