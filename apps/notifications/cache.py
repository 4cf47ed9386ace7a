"""What the cache holds of notifications (contract 9.3, 9.4)."""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings

from apps.core.cache import expire
from apps.core.cache_values import Key, Kind

UNREAD = Kind("unread", settings.CACHE_PROFILE_SECONDS)


def unread(user_id: UUID) -> Key:
    return Key(UNREAD, user_id.hex, (inbox(user_id),))


def inbox(user_id: UUID) -> str:
    """The token of a user's notifications."""
    return f"t:n:{user_id.hex}"


def expire_inboxes(user_ids: Iterable[UUID]) -> None:
    expire(*map(inbox, user_ids))
