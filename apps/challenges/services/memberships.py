"""Writes of memberships. Each holds the challenge's lock, so that `member_count` is the active ones at every moment."""

from datetime import date
from typing import Any
from uuid import UUID

from apps.accounts.cache import expire_facts, expire_lists
from apps.challenges import access, cache, errors, reads, statements
from apps.challenges.models import Challenge, Membership, MemberStatus, Role
from apps.challenges.reads import Standing
from apps.core.transactions import transactional
from apps.notifications.models import NotificationType
from apps.notifications.services import notify


@transactional
def join_by_code(*, invite_code: str, user_id: UUID, today: date) -> UUID:
    """Makes the person an active member of the challenge with this code; answers its id."""
    challenge = access.lock_challenge(invite_code=invite_code)
    _join(challenge, user_id, today, is_invited=True)
    return challenge.pk


@transactional
def join_challenge(*, challenge_id: UUID, user_id: UUID, today: date) -> None:
    """Makes the person an active member of a challenge that is open to everybody."""
    _join(access.lock_challenge(pk=challenge_id), user_id, today, is_invited=False)


@transactional
def leave_challenge(*, challenge_id: UUID, user_id: UUID) -> None:
    """Statistics stay. The creator is told."""
    challenge = access.lock_challenge(pk=challenge_id)
    standing = reads.standing(challenge.pk, user_id)
    if not standing.id:
        raise errors.not_a_member()
    if standing.status == MemberStatus.KICKED:
        raise errors.kicked()
    if standing.role == Role.CREATOR:
        raise errors.creator_cannot_leave()
    if standing.status == MemberStatus.LEFT:
        raise errors.already_left()
    _end(challenge, standing, MemberStatus.LEFT)
    _tell_creator(challenge, standing, NotificationType.MEMBER_LEFT, title="Member left", did="left")


@transactional
def change_role(*, challenge_id: UUID, manager_id: UUID, user_id: UUID, role: str) -> dict[str, Any]:
    """An owner makes an active member an admin, or an admin a member again; answers the member's row after it."""
    challenge = access.lock_challenge(pk=challenge_id)
    access.require_role(challenge, manager_id, access.OWNERS)
    target = Membership.objects.active().of(challenge.pk, user_id).as_rows().first()
    if not target:
        raise errors.member_not_found()
    if target["role"] == Role.CREATOR:
        raise errors.cannot_change_creator()
    Membership.objects.filter(pk=target["id"]).update(role=role)
    expire_lists([user_id])
    return target | {"role": role}


@transactional
def remove_member(*, challenge_id: UUID, manager_id: UUID | None, user_id: UUID) -> None:
    """Kicks for good. An admin removes members; an owner, and staff (no manager), admins too."""
    challenge = access.lock_challenge(pk=challenge_id)
    role = access.require_role(challenge, manager_id, access.MANAGERS) if manager_id else Role.CREATOR
    if user_id == manager_id:
        raise errors.cannot_remove_self()
    standing = reads.standing(challenge.pk, user_id)
    if user_id not in standing.present:
        raise errors.member_not_found()
    if standing.role == Role.CREATOR:
        raise errors.cannot_remove_creator()
    if standing.role == Role.ADMIN and role != Role.CREATOR:
        raise errors.insufficient_role()
    _end(challenge, standing, MemberStatus.KICKED)


def _join(challenge: Challenge, user_id: UUID, today: date, *, is_invited: bool) -> None:
    standing = reads.standing(challenge.pk, user_id)
    if standing.status == MemberStatus.KICKED:
        raise errors.kicked()
    if standing.status == MemberStatus.ACTIVE:
        raise errors.already_member()
    if not is_invited and not challenge.is_public:
        raise errors.invite_required()
    if challenge.is_closed_on(today):
        raise errors.challenge_closed()
    if challenge.member_count >= challenge.max_members:
        raise errors.challenge_full()
    if not statements.enter(challenge.pk, user_id):
        raise errors.already_member()
    cache.expire_in_lists(challenge, members=[*standing.present, user_id])
    expire_facts([user_id])
    _tell_creator(challenge, standing, NotificationType.MEMBER_JOINED, title="New member!", did="joined")


def _end(challenge: Challenge, standing: Standing, status: MemberStatus) -> None:
    was_active = standing.status == MemberStatus.ACTIVE
    statements.end(challenge.pk, standing.id, status, was_active=was_active)
    cache.expire_in_lists(challenge, members=standing.present)
    expire_facts([standing.user_id])


def _tell_creator(challenge: Challenge, standing: Standing, type: NotificationType, *, title: str, did: str) -> None:
    notify(
        [challenge.created_by_id],
        type,
        title=title,
        body=f"{standing.name} {did} your challenge '{challenge.name}'.",
        data={"challenge_id": str(challenge.pk), "challenge_name": challenge.name, "user_id": str(standing.user_id)},
        action_url=f"/challenges/{challenge.pk}",
    )
