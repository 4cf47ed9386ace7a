"""The steps that tests of hitches are made of, and the people of those modules that import them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pytest

from apps import testing
from apps.accounts.models import User
from apps.challenges.models import Challenge, Membership
from apps.notifications.models import Notification
from apps.social.models import Hitch

HABIT = testing.HABITS[0]
NOON = testing.NOON
TODAY = NOON.date()


@pytest.fixture
def friend():
    return testing.make_user("Fay")


@pytest.fixture
def challenge(owner, member, friend):
    return testing.make_challenge(owner, member, friend, name="March moves")


def body(challenge: Challenge, targets: Iterable[User | UUID], habit: UUID = HABIT) -> dict[str, Any]:
    ids = [getattr(target, "pk", target) for target in targets]
    return {"challenge_id": challenge.pk, "habit_id": habit, "target_user_ids": ids}


def hitch(sender: User, challenge: Challenge, *targets: User | UUID, habit: UUID = HABIT):
    """The answer to a hitch, with a token of its moment."""
    return testing.Api(sender).post("/hitch", body(challenge, targets, habit))


def lives(user: User, **columns: Any) -> None:
    User.objects.filter(pk=user.pk).update(**columns)


def logged() -> set[tuple]:
    return set(Hitch.objects.values_list("challenge", "habit", "sender", "target", "hitch_date", "created_at"))


def reminded() -> set[UUID]:
    return set(Notification.objects.filter(type="hitch_reminder").values_list("user", flat=True))


def left(challenge: Challenge, user: User) -> int:
    return Membership.objects.values_list("hitch_count", flat=True).get(challenge=challenge, user=user)


def give(challenge: Challenge, count: int, *users: User) -> None:
    """Hitches; to everybody when nobody is named."""
    members = Membership.objects.filter(challenge=challenge)
    (members.filter(user__in=users) if users else members).update(hitch_count=count)


def refused(answer: Any) -> tuple[int, str, int | None]:
    """Status, code, and how many hitches remain if that is told."""
    told = answer.json()
    return answer.status_code, told["code"], told.get("remaining_hitches")
