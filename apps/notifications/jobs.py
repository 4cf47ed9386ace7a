"""Notifications that have expired go; those that wait for a device are sent."""

from django.conf import settings

from apps.jobs.purging import purge
from apps.jobs.registry import job
from apps.jobs.tally import Tally
from apps.notifications import cache, pushes
from apps.notifications.models import Notification

purge(
    "notifications",
    lambda now: Notification.objects.filter(expires_at__lte=now),
    owner="user_id",
    expire=cache.expire_inboxes,
)


@job(
    "send-pushes",
    counts=("sent", "postponed", "dropped"),
    cron="* * * * * */5",
    is_on=lambda: bool(settings.EXPO_ACCESS_TOKEN),
    is_quiet=True,
)
def send_pushes(tally: Tally) -> None:
    """Until nothing is due. A batch is claimed before it is sent, so nobody else sends it meanwhile."""
    while settings.EXPO_ACCESS_TOKEN and tally.goes_on() and (batch := pushes.claim()):
        tally.counts.update(pushes.deliver(batch))
