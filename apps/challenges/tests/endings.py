"""Challenges that are due to start or to end, and the job that sees to them."""

from apps import testing
from apps.accounts.models import User
from apps.challenges.models import Challenge, Membership
from apps.core.clock import DAY
from apps.jobs.services import run_job

NOON = testing.NOON
TODAY = NOON.date()


def ended(owner: User, *members: User, done: int = 10, **columns) -> Challenge:
    """Ten days of one habit whose last day was long ago; everybody has made `done` check-ins."""
    dates = {"start_date": TODAY - 19 * DAY, "end_date": TODAY - 10 * DAY}
    challenge = testing.make_challenge(owner, *members, habits=1, name="Moves", max_members=50, **dates | columns)
    Membership.objects.filter(challenge=challenge).update(total_checkins=done)
    return challenge


def waiting(owner: User, *members: User, **columns) -> Challenge:
    """Pending since before the job ran last."""
    dates = {"start_date": TODAY - DAY, "end_date": TODAY + 9 * DAY}
    return testing.make_challenge(owner, *members, habits=1, name="Moves", status="pending", **dates | columns)


def complete():
    return dict(run_job("auto-complete").counts)


def counts(completed=0, failed=0, activated=0):
    return {"completed": completed, "failed": failed, "activated": activated}


def successes(user):
    return User.objects.get(pk=user.pk).total_challenges_completed
