"""Notifications as rows of a test."""

from datetime import timedelta
from typing import Any

from apps.accounts.models import User
from apps.core import clock
from apps.notifications.models import Notification, NotificationType


def make_notice(user: User, *, minutes_ago: int = 0, **columns: Any) -> Notification:
    """An unread one that expires in thirty days, unless `columns` say otherwise."""
    created = clock.now() - timedelta(minutes=minutes_ago)
    defaults = {
        "type": NotificationType.MEMBER_JOINED,
        "title": "New member!",
        "body": "Max joined.",
        "created_at": created,
        "expires_at": created + timedelta(days=30),
    }
    if columns.get("is_read"):
        defaults["read_at"] = created
    return Notification.objects.create(user=user, **defaults | columns)


def make_expired(user: User, **columns: Any) -> Notification:
    """One that expires at this very instant: it is gone already."""
    return make_notice(user, expires_at=clock.now(), **columns)
