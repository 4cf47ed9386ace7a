"""May this person look into this challenge, or change it?

Reads are decided in the one query that also brings what the view needs. Writes are decided under the challenge's lock:
joining, leaving, kicking and every change of status take it too, so what was true for the check stays true.
"""

from typing import Any
from uuid import UUID

from apps.challenges import errors, reads
from apps.challenges.models import Challenge, MemberStatus, Role
from apps.core.errors import ApiError

OWNERS = (Role.CREATOR,)
MANAGERS = (Role.CREATOR, Role.ADMIN)


def member_row(challenge_id: UUID, user_id: UUID) -> dict[str, Any]:
    """`my_role` and `my_status` of an active member.

    Raises `challenge_not_found` for an unknown challenge and `not_a_member` for a stranger (contract 3.12).
    """
    found = reads.membership(challenge_id, user_id)
    if not found:
        raise errors.challenge_not_found()
    if found["my_status"] != MemberStatus.ACTIVE:
        raise errors.not_a_member()
    return found


def readable_row(challenge_id: UUID, user_id: UUID) -> dict[str, Any]:
    """The row of the detail, for active and pending members and, of a public challenge, for everybody."""
    row = reads.challenge(challenge_id, user_id).row()
    if not row:
        raise errors.challenge_not_found()
    if not row["my_status"] and not row["is_public"]:
        raise errors.not_a_member()
    return row


def stranger(challenge_id: UUID) -> ApiError:
    """What somebody without a membership is told of a challenge that may not exist."""
    known = Challenge.objects.filter(pk=challenge_id).exists()
    return errors.not_a_member() if known else errors.challenge_not_found()


def lock_challenge(**which: Any) -> Challenge:
    """The challenge with this pk or invite_code, locked until the transaction ends."""
    challenge = reads.lock(**which)
    if not challenge:
        raise errors.invalid_invite_code() if "invite_code" in which else errors.challenge_not_found()
    return challenge


def require_role(challenge: Challenge, user_id: UUID, roles: tuple[Role, ...]) -> str:
    """Which of `roles` an active member has in a locked challenge."""
    role = reads.active_role(challenge.pk, user_id)
    if not role:
        raise errors.not_a_member()
    if role not in roles:
        raise errors.insufficient_role()
    return role
