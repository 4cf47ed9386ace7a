"""May this person look into this challenge? Decided in the one query that also brings what the view needs of it."""

from typing import Any
from uuid import UUID

from apps.challenges import errors
from apps.challenges.models import Challenge, MemberStatus


def member_row(challenge_id: UUID, user_id: UUID, *columns: str) -> dict[str, Any]:
    """`columns` of the challenge with `my_role` and `my_status`, for its active members.

    Raises `challenge_not_found` for an unknown challenge and `not_a_member` for a stranger (contract 3.12).
    """
    row = Challenge.objects.with_membership_of(user_id).filter(pk=challenge_id).values("my_role", "my_status", *columns)
    found = row.first()
    if not found:
        raise errors.challenge_not_found()
    if found["my_status"] != MemberStatus.ACTIVE:
        raise errors.not_a_member()
    return found
