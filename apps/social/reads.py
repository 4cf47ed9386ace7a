"""The reads that are made again and again, compiled once: an ORM queryset each, in querysets.py."""

from uuid import UUID

from django.db.models import DateTimeField, UUIDField

from apps.core.compiled import Pages
from apps.core.pagination import Rows
from apps.social.models import Friendship

OF_USER = {"user_id": UUIDField()}


def _friends(status: str | None) -> Pages:
    return Pages(
        lambda user_id: Friendship.objects.for_list(user_id, status),
        count=lambda user_id: Friendship.objects.seen_by(user_id, status),
        order={"since": DateTimeField(), "id": UUIDField()},
        **OF_USER,
    )


_BY_STATUS = {"accepted": _friends("accepted"), "pending": _friends("pending"), "all": _friends(None)}
_NEWEST = {"created_at": DateTimeField(), "id": UUIDField()}
_received = Pages(Friendship.objects.for_received, order=_NEWEST, **OF_USER)
_sent = Pages(Friendship.objects.for_sent, order=_NEWEST, **OF_USER)


def friends(user_id: UUID, status: str) -> Rows:
    """A person's friends, or those whose answer is still due, or all that the person may know of; newest first."""
    return _BY_STATUS[status].bind(user_id=user_id)


def received(user_id: UUID) -> Rows:
    """Requests that wait for a person's answer, newest first."""
    return _received.bind(user_id=user_id)


def sent(user_id: UUID) -> Rows:
    """Requests that a person waits for, newest first."""
    return _sent.bind(user_id=user_id)
