"""The reads that are made again and again, compiled once: an ORM queryset each, in querysets.py."""

from uuid import UUID

from django.db.models import DateTimeField, UUIDField

from apps.core import clock
from apps.core.compiled import Call, Compiled, Pages
from apps.core.pagination import Rows
from apps.notifications.models import Notification

_fields = {"user_id": UUIDField(), "now": DateTimeField()}
_newest = {"created_at": DateTimeField(), "id": UUIDField()}
_all = Pages(Notification.objects.for_list, order=_newest, **_fields)
_unread = Pages(lambda user_id, now: Notification.objects.for_list(user_id, now).unread(), order=_newest, **_fields)
_unread_count = Compiled(Notification.objects.for_count, **_fields)


def inbox(user_id: UUID, *, unread_only: bool) -> Rows:
    """A user's notifications, newest first."""
    return (_unread if unread_only else _all).bind(user_id=user_id, now=clock.now())


def unread(user_id: UUID) -> Call:
    """One row: how many are unread, and when the first of them expires."""
    return _unread_count.call(user_id=user_id, now=clock.now())
