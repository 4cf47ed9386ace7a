"""Writes of challenges: create, edit, archive."""

import secrets
from datetime import date
from typing import Any
from uuid import UUID

from apps.challenges import access, cache, errors, statements
from apps.challenges.models import INVITE_ALPHABET, Challenge, ChallengeStatus, Habit
from apps.challenges.services import lifecycle
from apps.core import clock
from apps.core.errors import service_unavailable
from apps.core.transactions import transactional

CODE_LENGTH, CODE_ATTEMPTS = 6, 10


@transactional
def create_challenge(*, creator_id: UUID, today: date, habit_ids: list[UUID], **fields: Any) -> UUID:
    """A challenge with its code, its habits in the given order and its creator's membership; answers its id.

    `fields`: name, description, type, start_date, end_date, checkin_type, require_evidence, max_members, is_public.
    """
    if Habit.objects.usable_by(creator_id).filter(pk__in=habit_ids).count() != len(habit_ids):
        raise errors.invalid_habits()
    status = ChallengeStatus.ACTIVE if fields["start_date"] <= today else ChallengeStatus.PENDING
    columns = fields | {"created_by_id": creator_id, "status": status.value, "member_count": 1}
    challenge = _insert_with_free_code(habit_ids, columns)
    cache.expire_in_lists(challenge, members=[creator_id], facts=True)
    return challenge.pk


@transactional
def edit_challenge(*, challenge_id: UUID, user_id: UUID, today: date, changes: dict[str, Any]) -> None:
    """All of `changes` (name, description, status, max_members, is_public) or, with an error, none of them."""
    challenge = access.lock_challenge(pk=challenge_id)
    archives = changes.get("status") == ChallengeStatus.ARCHIVED
    access.require_role(challenge, user_id, access.OWNERS if archives else access.MANAGERS)
    if not changes:
        raise errors.no_fields()
    _require_possible(challenge, changes)
    edits = {name: value for name, value in changes.items() if name != "status"}
    status = changes.get("status", challenge.status)
    if status != challenge.status:
        challenge.name = edits.get("name", challenge.name)  # what notifications call it from now on
        _move(challenge, status, user_id, today, edits)
    elif edits:
        Challenge.objects.filter(pk=challenge_id).update(**edits, updated_at=clock.now())
        cache.expire_in_lists(challenge, becomes_public=edits.get("is_public", False))


@transactional
def archive_challenge(*, challenge_id: UUID, user_id: UUID | None) -> None:
    """Puts a challenge away; without a user, for staff. Doing it again changes nothing."""
    challenge = access.lock_challenge(pk=challenge_id)
    if user_id:
        access.require_role(challenge, user_id, access.OWNERS)
    if challenge.status != ChallengeStatus.ARCHIVED:
        lifecycle.archive(challenge)


def new_code() -> str:
    return "".join(secrets.choice(INVITE_ALPHABET) for _ in range(CODE_LENGTH))


def _insert_with_free_code(habit_ids: list[UUID], columns: dict[str, Any]) -> Challenge:
    """The unique constraint decides which code is free; after ten collisions the service is unavailable."""
    for _ in range(CODE_ATTEMPTS):
        challenge = Challenge(invite_code=new_code(), **columns)
        if statements.create(challenge, habit_ids):
            return challenge
    raise service_unavailable()


def _require_possible(challenge: Challenge, changes: dict[str, Any]) -> None:
    status = changes.get("status", challenge.status)
    if not lifecycle.may_become(challenge.status, status):
        raise errors.invalid_status_transition(before=challenge.status, after=status)
    if changes.get("max_members", challenge.max_members) < challenge.member_count:
        raise errors.max_members_below_count(count=challenge.member_count)


def _move(challenge: Challenge, status: str, user_id: UUID, today: date, edits: dict[str, Any]) -> None:
    match status:
        case ChallengeStatus.ACTIVE:
            lifecycle.activate(challenge, actor_id=user_id, today=today, edits=edits)
        case ChallengeStatus.ARCHIVED:
            lifecycle.archive(challenge, edits=edits)
        case _:
            lifecycle.close(challenge, status=status, actor_id=user_id, edits=edits)
