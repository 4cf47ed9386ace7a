"""Writes of memberships. Each holds the challenge's lock, so that `member_count` is the active ones at every moment."""

from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F

from apps.accounts.cache import expire_facts, expire_lists
from apps.accounts.models import User
from apps.challenges import access, cache, errors
from apps.challenges.models import Challenge, Membership, MemberStatus, Role
from apps.core import clock
from apps.core.transactions import transactional
from apps.notifications.models import NotificationType
from apps.notifications.services import notify

PRESENT = (MemberStatus.ACTIVE, MemberStatus.PENDING)


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
    mine = _membership(challenge, user_id)
    if not mine:
        raise errors.not_a_member()
    if mine.status == MemberStatus.KICKED:
        raise errors.kicked()
    if mine.role == Role.CREATOR:
        raise errors.creator_cannot_leave()
    if mine.status == MemberStatus.LEFT:
        raise errors.already_left()
    _end(challenge, mine, MemberStatus.LEFT)
    _tell_creator(challenge, user_id, NotificationType.MEMBER_LEFT, title="Member left", did="left")


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
    role = access.require_role(challenge, manager_id, access.MANAGERS).role if manager_id else Role.CREATOR
    if user_id == manager_id:
        raise errors.cannot_remove_self()
    target = _membership(challenge, user_id)
    if not target or target.status not in PRESENT:
        raise errors.member_not_found()
    if target.role == Role.CREATOR:
        raise errors.cannot_remove_creator()
    if target.role == Role.ADMIN and role != Role.CREATOR:
        raise errors.insufficient_role()
    _end(challenge, target, MemberStatus.KICKED)


def _join(challenge: Challenge, user_id: UUID, today: date, *, is_invited: bool) -> None:
    mine = _membership(challenge, user_id)
    _require_no_member(mine)
    if not is_invited and not challenge.is_public:
        raise errors.invite_required()
    if challenge.is_closed_on(today):
        raise errors.challenge_closed()
    if challenge.member_count >= challenge.max_members:
        raise errors.challenge_full()
    _enter(challenge, mine, user_id)
    cache.expire_in_lists(challenge)
    expire_facts([user_id])
    _tell_creator(challenge, user_id, NotificationType.MEMBER_JOINED, title="New member!", did="joined")


def _membership(challenge: Challenge, user_id: UUID) -> Membership | None:
    """Of any status. Read after the challenge was locked, so that nobody moves it meanwhile."""
    return Membership.objects.of(challenge.pk, user_id).only("id", "user_id", "role", "status").first()


def _require_no_member(mine: Membership | None) -> None:
    if mine and mine.status == MemberStatus.KICKED:
        raise errors.kicked()
    if mine and mine.status == MemberStatus.ACTIVE:
        raise errors.already_member()


def _enter(challenge: Challenge, mine: Membership | None, user_id: UUID) -> None:
    """Who was here before keeps the statistics, the day of joining and the hitches that were left."""
    if mine:
        columns = {"status": MemberStatus.ACTIVE, "role": Role.MEMBER, "left_at": None}
        Membership.objects.filter(pk=mine.pk).update(**columns)
    else:
        Membership.objects.create(challenge=challenge, user_id=user_id, hitch_count=settings.DEFAULT_HITCH_COUNT)
    _count(challenge, +1)


def _end(challenge: Challenge, membership: Membership, status: MemberStatus) -> None:
    Membership.objects.filter(pk=membership.pk).update(status=status, left_at=clock.now())
    cache.expire_in_lists(challenge)
    expire_lists([membership.user_id])
    expire_facts([membership.user_id])
    if membership.status == MemberStatus.ACTIVE:
        _count(challenge, -1)


def _count(challenge: Challenge, change: int) -> None:
    Challenge.objects.filter(pk=challenge.pk).update(member_count=F("member_count") + change, updated_at=clock.now())


def _tell_creator(challenge: Challenge, user_id: UUID, type: NotificationType, *, title: str, did: str) -> None:
    name = User.objects.values_list("display_name", flat=True).get(pk=user_id)
    notify(
        [challenge.created_by_id],
        type,
        title=title,
        body=f"{name} {did} your challenge '{challenge.name}'.",
        data={"challenge_id": str(challenge.pk), "challenge_name": challenge.name, "user_id": str(user_id)},
        action_url=f"/challenges/{challenge.pk}",
    )
