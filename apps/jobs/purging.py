"""What clean-up deletes. An app says in its jobs.py which of its rows have had their time:

purge("sessions", lambda now: Session.objects.filter(expires_at__lte=now))
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from apps.core import clock
from apps.core.transactions import transactional
from apps.jobs.tally import Tally

PAGE = 50_000


class Purge(NamedTuple):
    name: str
    rows: Callable[[datetime], QuerySet]
    """Those that may go, at this instant."""
    owner: str | None
    """The column that names whose rows they are, for `expire`."""
    expire: Callable[[Iterable[UUID]], None] | None
    """Takes the owners of deleted rows: what the cache holds of theirs."""


PURGES: dict[str, Purge] = {}


def purge(
    name: str,
    rows: Callable[[datetime], QuerySet],
    *,
    owner: str | None = None,
    expire: Callable[[Iterable[UUID]], None] | None = None,
) -> None:
    """Adds rows to what clean-up deletes. `name` is what it counts them as."""
    PURGES[name] = Purge(name, rows, owner, expire)


def run_purge(purge: Purge, tally: Tally) -> None:
    """All of it, page by page. What a page could not delete is left to the next run."""
    now, found = clock.now(), PAGE
    while found == PAGE:
        keys = list(purge.rows(now).values_list("pk", flat=True)[:PAGE])
        found, before = len(keys), tally.counts[purge.name]
        tally.in_batches(keys, lambda batch: delete(purge, batch, now))
        if tally.counts[purge.name] == before:
            return


@transactional
def delete(purge: Purge, keys: list, now: datetime) -> dict[str, int]:
    """Rows that others hold, or that have come back to life meanwhile, stay."""
    rows = purge.rows(now).filter(pk__in=keys)
    columns = ("pk", purge.owner) if purge.owner else ("pk",)
    locked = list(rows.order_by("pk").select_for_update(skip_locked=True, no_key=True).values_list(*columns))
    if not locked:
        return {}
    if purge.expire:
        purge.expire({row[1] for row in locked})
    deleted, _ = rows.model._default_manager.filter(pk__in=[row[0] for row in locked]).delete()
    return {purge.name: deleted}
