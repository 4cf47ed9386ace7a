"""Challenges start and end by the clock."""

from apps.challenges import due, reminders
from apps.challenges.services.due import activate_due, close_due
from apps.jobs.registry import job
from apps.jobs.tally import Tally

# At most fifty members each: a batch locks them all, and their check-ins wait for it.
CLOSED_AT_ONCE = 50


@job("activate-challenges", counts=("activated",))
def activate_challenges(tally: Tally) -> None:
    """The first part of auto-complete, which is when it runs by itself."""
    tally.in_batches(due.ids(due.STARTING), activate_due)


@job("auto-complete", counts=("completed", "failed", "activated"), cron="*/15 * * * *")
def auto_complete(tally: Tally) -> None:
    activate_challenges(tally)
    tally.in_batches(due.ids(due.ENDING), close_due, size=CLOSED_AT_ONCE)


@job("streak-reminders", counts=("reminded",), cron="*/15 * * * *")
def streak_reminders(tally: Tally) -> None:
    tally.in_batches(reminders.due_ids(), reminders.remind)
