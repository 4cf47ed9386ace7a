"""Log-ins that are over, and failures that nobody repeats."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q

from apps.accounts.models import LoginFailure, Session
from apps.jobs.purging import purge

IDLE = timedelta(hours=24)


def ended_sessions(now):
    """A session that was revoked is what an access token of it is refused by, until that has expired, too."""
    tokens_since = now - timedelta(minutes=settings.ACCESS_TOKEN_LIFETIME_MINUTES)
    return Session.objects.filter(Q(revoked_at=None) | Q(revoked_at__lte=tokens_since), expires_at__lte=now)


def idle_failures(now):
    unlocked = Q(locked_until=None) | Q(locked_until__lte=now)
    return LoginFailure.objects.filter(unlocked, window_started_at__lte=now - IDLE)


purge("sessions", ended_sessions)
purge("login_failures", idle_failures)
