"""Writes of check-ins. One moves its member, its owner and, once a day, its challenge: all of it or nothing."""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import DateField, DateTimeField, F, IntegerField, UUIDField

from apps.accounts.models import User
from apps.accounts.renewal import renew_facts
from apps.challenges import access, cache
from apps.challenges.models import Challenge, ChallengeStatus, Membership
from apps.challenges.services import lifecycle
from apps.checkins import errors, reads, statements, streaks
from apps.checkins.acceptance import EVIDENCE, require_acceptable
from apps.checkins.models import CheckIn, CheckInStatus
from apps.checkins.statements import Scene
from apps.checkins.streaks import Streak
from apps.core import clock
from apps.core.clock import DAY
from apps.core.compiled_updates import Update
from apps.core.models import uuid7
from apps.core.transactions import transactional, unless_none
from apps.notifications.models import NotificationType
from apps.notifications.services import notify

MINUTE = timedelta(minutes=1)

_store_streak = Update(
    lambda id, current, last, now: (
        Challenge.objects.filter(pk=id),
        {"current_streak": current, "last_checkin_date": last, "updated_at": now},
    ),
    id=UUIDField(),
    current=IntegerField(),
    last=DateField(null=True),
    now=DateTimeField(),
)


class Recorded(NamedTuple):
    """An accepted check-in: its row, what it gave, the member's streak after it, whether that one began anew."""

    check_in: dict[str, Any]
    points_earned: int
    new_streak: int
    is_streak_broken: bool


def record_check_in(
    *, user_id: UUID, challenge_id: UUID, habit_id: UUID, seen: bytes | None = None, **evidence: str | None
) -> Recorded:
    """Stores today's check-in of one habit, or refuses it as contract 3.8 says.

    `evidence`: caption, photo_url, video_url; `seen`: see renew_facts. Members of a challenge check in side by side.
    The first check-in of a date in its challenge, and the one that starts the challenge, change the challenge's row as
    well: they begin again with that row to themselves.
    """
    asked = {"user_id": user_id, "challenge_id": challenge_id, "habit_id": habit_id}
    evidence = dict.fromkeys(EVIDENCE.values()) | evidence
    beside_others = unless_none(lambda: _record(asked, evidence, seen, alone=False))
    return beside_others or _record(asked, evidence, seen, alone=True)


@transactional
def delete_check_in(*, user_id: UUID, check_in_id: UUID, seen: bytes | None = None) -> None:
    """Takes a check-in back: with its points on the day it was made, later they are kept (contract 3.3).

    Works after leaving and in closed challenges. `seen`: see renew_facts.
    """
    check_in = _own(reads.for_removal(check_in_id), user_id)
    ids = {"user_id": user_id, "challenge_id": check_in.challenge_id, "habit_id": check_in.habit_id}
    scene = statements.lock_scene(**ids, alone=True)
    deleted, _ = CheckIn.objects.filter(pk=check_in_id).delete()
    if not deleted:
        raise errors.checkin_not_found()
    days = reads.days_of_member(check_in.challenge_id, user_id)
    lost = check_in.points_earned if check_in.checkin_date == scene.owner.today() else 0
    _take_from_member(scene.membership, days, lost=lost, kept=check_in.points_earned - lost)
    # While the member has another check-in of this day, the day still counts for the owner and for the challenge.
    day_is_gone = check_in.checkin_date not in days
    _take_from_owner(user_id, check_in.checkin_date if day_is_gone else None, lost=lost)
    if day_is_gone:
        _store_challenge_streak(scene.challenge, streaks.rebuild(statements.days_of_challenge(scene.challenge.id)))
    renew_facts(user_id, seen)


@transactional
def edit_caption(*, user_id: UUID, check_in_id: UUID, **changes: str | None) -> CheckIn:
    """Changes or clears the caption of a check-in of its owner's today. `changes`: caption, or nothing at all."""
    check_in = _own(CheckIn.objects.for_edit(check_in_id).first(), user_id)
    if "caption" not in changes:
        raise errors.no_fields()
    if check_in.checkin_date != check_in.user.today():
        raise errors.not_today()
    check_in.caption = changes["caption"]
    if check_in.challenge.require_evidence and not (check_in.caption or check_in.photo_url or check_in.video_url):
        raise errors.evidence_required()
    check_in.save(update_fields=["caption", "updated_at"])
    return check_in


@transactional
def _record(
    asked: dict[str, UUID], evidence: dict[str, str | None], seen: bytes | None, *, alone: bool
) -> Recorded | None:
    """None, with nothing written, when the challenge's row has to change and this transaction shares its lock."""
    scene = statements.lock_scene(**asked, alone=alone)
    if scene is None:
        raise access.stranger(asked["challenge_id"])
    day = scene.owner.today()
    require_acceptable(scene, day, evidence)
    if _begins_something(scene.challenge, day) and not alone:
        return None
    check_in = _new_row(asked, evidence, day)
    owner = streaks.advance(_streak(scene.owner), day)
    member = streaks.advance(_streak(scene.membership), day)
    had_day, points = statements.record(_bound(scene, check_in, member, owner) | {"alone": alone})
    if points is None and had_day:
        raise errors.already_checked_in()
    if points is None:
        return None
    if not had_day:
        _move_challenge(scene.challenge, day)
    _follow(scene, owner, day)
    renew_facts(scene.owner.id, seen)
    return Recorded(check_in, points, member.current, streaks.is_broken_by(_streak(scene.membership), day))


def _begins_something(challenge: Challenge, day: date) -> bool:
    """The challenge itself, or a new last day of its streak."""
    last = challenge.last_checkin_date
    return challenge.status == ChallengeStatus.PENDING or last is None or day > last


def _new_row(asked: dict[str, UUID], evidence: dict[str, str | None], day: date) -> dict[str, Any]:
    now = clock.now()
    return {
        "id": uuid7(),
        **asked,
        "checkin_date": day,
        "status": CheckInStatus.COMPLETED.value,
        **evidence,
        "is_on_time": True,
        "created_at": now,
        "updated_at": now,
    }


def _bound(scene: Scene, check_in: dict[str, Any], member: Streak, owner: Streak) -> dict[str, Any]:
    """The values of the statement that writes a check-in and all that it moves."""
    return check_in | {
        "day": check_in["checkin_date"],
        "yesterday": check_in["checkin_date"] - DAY,
        "points": settings.POINTS_PER_CHECKIN,
        "more_points": settings.POINTS_PER_CHECKIN * settings.POINTS_STREAK_MULTIPLIER,
        "member_id": scene.membership.id,
        "member_current": member.current,
        "member_longest": member.longest,
        "owner_current": owner.current,
        "owner_longest": owner.longest,
        "now": check_in["created_at"],
        "a_minute_ago": check_in["created_at"] - MINUTE,
    }


def _move_challenge(challenge: Challenge, day: date) -> None:
    """The challenge's streak after its first check-in of `day`, which lies before its last day when zones differ."""
    before = Streak(challenge.current_streak, challenge.current_streak, challenge.last_checkin_date)
    if before.last is None or day > before.last:
        _store_challenge_streak(challenge, streaks.advance(before, day))
    else:
        _store_challenge_streak(challenge, streaks.rebuild(statements.days_of_challenge(challenge.id)))


def _store_challenge_streak(challenge: Challenge, streak: Streak) -> None:
    if (streak.current, streak.last) != (challenge.current_streak, challenge.last_checkin_date):
        _store_streak.run(id=challenge.id, current=streak.current, last=streak.last, now=clock.now())
        cache.expire_in_lists(challenge)


def _follow(scene: Scene, owner: Streak, day: date) -> None:
    """What a check-in sets off: the start of its challenge, the milestone of its owner's streak."""
    if scene.challenge.status == ChallengeStatus.PENDING:
        lifecycle.activate(scene.challenge, actor_id=scene.owner.id, today=day)
    if owner != _streak(scene.owner) and owner.current in settings.STREAK_MILESTONES:
        notify(
            [scene.owner.id],
            NotificationType.STREAK_MILESTONE,
            title=f"{owner.current}-day streak!",
            body=f"You checked in {owner.current} days in a row.",
            data={"streak": owner.current},
            dedupe_key=f"streak:{owner.current}:{day}",
        )


def _own(check_in: CheckIn | None, user_id: UUID) -> CheckIn:
    if check_in is None:
        raise errors.checkin_not_found()
    if check_in.user_id != user_id:
        raise errors.not_owner()
    return check_in


def _take_from_member(membership: Membership, days: dict[date, datetime], *, lost: int, kept: int) -> None:
    """`days` is what remains, each with the time of its last check-in."""
    Membership.objects.filter(pk=membership.pk).update(
        **_columns(streaks.rebuild(days)),
        total_checkins=F("total_checkins") - 1,
        points_earned=F("points_earned") - lost,
        kept_points=F("kept_points") + kept,
        last_checkin_at=max(days.values(), default=None),
    )


def _take_from_owner(user_id: UUID, gone: date | None, *, lost: int) -> None:
    """`gone`: a day that one of the owner's memberships has lost. `day_floor` stays: a day never runs backwards."""
    User.objects.filter(pk=user_id).update(
        **_streak_without(user_id, gone),
        total_check_ins=F("total_check_ins") - 1,
        points=F("points") - lost,
        updated_at=clock.now(),
    )


def _streak_without(user_id: UUID, gone: date | None) -> dict[str, Any]:
    """Years of days are read only when the owner did nothing else on that day, in whatever challenge."""
    if gone is None or reads.has_check_in_on(user_id, gone):
        return {}
    return _columns(streaks.rebuild(statements.days_of_user(user_id)))


def _streak(row: Membership | User) -> Streak:
    return Streak(row.current_streak, row.longest_streak, row.last_checkin_date)


def _columns(streak: Streak) -> dict[str, Any]:
    return {
        "current_streak": streak.current,
        "longest_streak": streak.longest,
        "last_checkin_date": streak.last,
    }
