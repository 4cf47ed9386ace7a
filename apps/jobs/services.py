"""Running a job, and the record of it."""

import logging
import time
from datetime import datetime

from django.db import DatabaseError, InterfaceError

from apps.core import clock
from apps.jobs.models import JobRun, Outcome
from apps.jobs.registry import JOBS, Job
from apps.jobs.tally import Tally

logger = logging.getLogger("darezone.jobs")


def run_job(name: str) -> JobRun:
    """Does the job now, to its end; answers its record, which is `failed` when a batch was.

    Raises what stopped the job itself, after recording it.
    """
    job, started_at, started = JOBS[name], clock.now(), time.perf_counter()
    tally, stopped_by = Tally(name, job.counts), None
    try:
        job.run(tally)
    except Exception as error:
        stopped_by = error
        tally.fail(error)
    run = _recorded(job, tally, started_at, time.perf_counter() - started)
    if stopped_by:
        raise stopped_by
    return run


def _recorded(job: Job, tally: Tally, started_at: datetime, seconds: float) -> JobRun:
    run = JobRun(
        name=job.name,
        started_at=started_at,
        duration_ms=round(seconds * 1000),
        outcome=Outcome.FAILED if tally.errors else Outcome.DONE,
        counts=dict(tally.counts),
        error="\n".join(tally.errors)[:2000],
    )
    if job.is_quiet and not tally.errors and not tally.counts.total():
        return run
    fields = {"job": run.name, "ms": run.duration_ms, "outcome": run.outcome, **run.counts}
    logger.log(logging.ERROR if tally.errors else logging.INFO, "job", extra={"fields": fields})
    try:
        run.save(force_insert=True)
    except (DatabaseError, InterfaceError):
        # The database is what failed: the log line is the record.
        logger.exception("job run not recorded", extra={"fields": {"job": run.name}})
    return run
