"""The worker: procrastinate's queue in PostgreSQL, which gives each due job to one of all workers.

The queue only says when. That a job does no harm twice, late or on two machines at once is the job's own affair.
"""

import asyncio
import logging
import signal
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from procrastinate import App, PsycopgConnector, exceptions
from procrastinate.contrib.django import app as queue
from procrastinate.contrib.django.utils import connector_params
from procrastinate.jobs import DeleteJobCondition, Status
from psycopg import Error
from psycopg_pool import PoolTimeout

from apps.jobs.registry import JOBS, Job
from apps.jobs.services import run_job
from apps.jobs.tally import stopping

logger = logging.getLogger("darezone.worker")

SECONDS_BEFORE_ANOTHER_TRY = 1
STALLED_SECONDS = 60


def work() -> None:
    """Runs jobs when they are due, until SIGTERM or SIGINT: then the batch in work is ended, and nothing begun."""
    register(queue)
    reached = connector_params("default") | {"application_name": "darezone-worker"}
    # Two connections for the queue's own statements, and one that listens.
    with queue.replace_connector(PsycopgConnector(kwargs=reached, min_size=1, max_size=2)) as worker_app:
        asyncio.run(serve(worker_app))


def register(app: App) -> None:
    """A task for each job. One that still waits in the queue is not queued a second time."""
    for job in JOBS.values():
        task = app.task(name=job.name, queueing_lock=job.name)(runner(job))
        if job.cron and job.is_on():
            app.periodic(cron=job.cron)(task)


def runner(job: Job) -> Callable[[int], None]:
    def run(timestamp: int) -> None:
        if stopping.is_set():
            return
        try:
            run_job(job.name)
        finally:
            connection.close()  # until the next time it may have died, and the first statement would fail

    return run


async def serve(app: App) -> None:
    """The queue's own worker ends when the database does: it is started again until it stays."""
    loop, this = asyncio.get_running_loop(), asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, this)
    while not stopping.is_set():
        try:
            await take_jobs(app)
        except asyncio.CancelledError:
            break
        except (exceptions.ConnectorException, Error, PoolTimeout, OSError) as error:
            logger.warning("worker lost the database", extra={"fields": {"error": type(error).__name__}})
        if not stopping.is_set():
            await asyncio.sleep(SECONDS_BEFORE_ANOTHER_TRY)
    logger.info("worker stopped")


def stop(serving: asyncio.Task) -> None:
    if not stopping.is_set():
        stopping.set()
        serving.cancel()


async def take_jobs(app: App) -> None:
    async with app.open_async():
        await forget_stalled(app)
        logger.info("worker ready", extra={"fields": {"jobs": len(JOBS), "threads": settings.WORKER_THREADS}})
        await app.run_worker_async(
            concurrency=settings.WORKER_THREADS,
            delete_jobs=DeleteJobCondition.ALWAYS,  # what ran is told by the run log
            install_signal_handlers=False,
        )


async def forget_stalled(app: App) -> None:
    """Of workers that were killed. What they had begun is undone, and due again at its next time."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
