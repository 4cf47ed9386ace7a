"""What the cache holds of people, on which tokens it depends, and how a write expires it (contract 9.3, 9.4)."""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings

from apps.core import cache
from apps.core.cache_values import Key, Kind

PRINCIPAL = Kind("principal", settings.CACHE_PROFILE_SECONDS)
PROFILE = Kind("profile", settings.CACHE_PROFILE_SECONDS)
STATS = Kind("stats", settings.CACHE_PROFILE_SECONDS)
ACCOUNT = Kind("account", settings.CACHE_PROFILE_SECONDS)
PUBLIC = Kind("public", settings.CACHE_PROFILE_SECONDS)


def facts(user_id: UUID) -> str:
    """The token of everything that is told about a user, and of the principal."""
    return f"t:u:{user_id.hex}"


def lists(user_id: UUID) -> str:
    """The token of a user's own lists."""
    return f"t:ul:{user_id.hex}"


def principal(user_id: UUID) -> Key:
    return of_user(PRINCIPAL, user_id)


def of_user(kind: Kind, user_id: UUID) -> Key:
    """One entry of a kind for each user."""
    return Key(kind, user_id.hex, (facts(user_id),))


def expire_facts(user_ids: Iterable[UUID]) -> None:
    cache.expire(*map(facts, user_ids))


def expire_lists(user_ids: Iterable[UUID]) -> None:
    cache.expire(*map(lists, user_ids))
