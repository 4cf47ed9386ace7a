"""The jobs that belong to no other app."""

from datetime import timedelta

from apps.core.models import IdempotencyKey
from apps.jobs.models import JobRun
from apps.jobs.purging import PURGES, purge, run_purge
from apps.jobs.registry import job
from apps.jobs.tally import Tally

KEPT = timedelta(days=30)

purge("idempotency_keys", lambda now: IdempotencyKey.objects.filter(expires_at__lte=now))
purge("job_runs", lambda now: JobRun.objects.filter(started_at__lte=now - KEPT))


@job("clean-up", counts=(), cron="0 3 * * *")
def clean_up(tally: Tally) -> None:
    """Rows that have had their time, table by table."""
    tally.counts.update(dict.fromkeys(PURGES, 0))
    for one in PURGES.values():
        try:
            run_purge(one, tally)
        except Exception as error:  # the other tables have nothing to do with it
            tally.fail(error)
