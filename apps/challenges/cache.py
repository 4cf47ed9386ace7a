"""What the cache holds of challenges, on which tokens it depends, and how a write expires it (contract 9.3, 9.4)."""

from typing import Any
from uuid import UUID

from django.conf import settings

from apps.accounts.cache import expire_facts, expire_lists, lists
from apps.challenges import reads
from apps.challenges.models import Challenge
from apps.core.cache import expire
from apps.core.cache_values import Key, Kind

OWN = Kind("challenges", settings.CACHE_CHALLENGE_LIST_SECONDS)
DISCOVERED = Kind("discover", settings.CACHE_CHALLENGE_LIST_SECONDS)
MEMBERSHIPS = Kind("memberships", settings.CACHE_CHALLENGE_LIST_SECONDS)
SYSTEM_HABITS = Kind("habits", settings.CACHE_PROFILE_SECONDS)
DISCOVER, HABITS = "t:discover", "t:habits"
DEEPEST_PAGE = 5

system_habits = Key(SYSTEM_HABITS, "all", (HABITS,))


def own_list(user_id: UUID, values: dict[str, Any]) -> Key | None:
    """A page of the user's own challenges; None for one that is not kept."""
    if values["page"] > DEEPEST_PAGE:
        return None
    return Key(OWN, f"{user_id.hex}:{_page(values)}", (lists(user_id),))


def discovered(values: dict[str, Any]) -> Key | None:
    """A page of public challenges, the same for everybody; None for one that is not kept."""
    if values["page"] > DEEPEST_PAGE or "search" in values or "cursor" in values or values["scope"] != "public":
        return None
    return Key(DISCOVERED, _page(values), (DISCOVER,))


def memberships(user_id: UUID) -> Key:
    return Key(MEMBERSHIPS, user_id.hex, (lists(user_id),))


def expire_in_lists(
    challenge: Challenge, *, members: list[UUID] | None = None, becomes_public: bool = False, facts: bool = False
) -> None:
    """A challenge looks different in every list it is in; with `facts` in its members' statistics as well. `members`
    are those whose lists it is in, when the caller knows them.

    The caller holds the challenge's lock, as joining, leaving and kicking do: nobody slips between the members read
    here and those who are there when the write commits. Needs id and is_public of the challenge.
    """
    if members is None:
        members = [member["user_id"] for member in reads.present(challenge.pk)]
    expire_lists(members)
    if facts:
        expire_facts(members)
    if becomes_public or challenge.is_public:
        expire(DISCOVER)


def _page(values: dict[str, Any]) -> str:
    return f"{values.get('status_filter', 'any')}:{values['page']}:{values['limit']}"
