"""What is to be done again and again, by name. An app says so in its jobs.py:

@job("auto-complete", counts=("completed", "failed"), cron="*/15 * * * *")
def auto_complete(tally: Tally) -> None:
    tally.in_batches(due_ids(), services.close_due)
"""

from collections.abc import Callable
from typing import NamedTuple

from apps.jobs.tally import Tally


class Job(NamedTuple):
    name: str
    run: Callable[[Tally], None]
    counts: tuple[str, ...]
    """What it counts, in the order of its message."""
    cron: str | None
    """When the worker runs it, in UTC; a sixth field are seconds. None: by hand, or as a part of another."""
    is_on: Callable[[], bool]
    is_quiet: bool
    """A run that found nothing to do is no news: it runs every few seconds."""


JOBS: dict[str, Job] = {}


def job(
    name: str,
    *,
    counts: tuple[str, ...],
    cron: str | None = None,
    is_on: Callable[[], bool] = lambda: True,
    is_quiet: bool = False,
):
    """Registers a function that does the whole job, in batches, however often and wherever it is called."""

    def register(run: Callable[[Tally], None]) -> Callable[[Tally], None]:
        JOBS[name] = Job(name, run, counts, cron, is_on, is_quiet)
        return run

    return register
