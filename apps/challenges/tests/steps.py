"""What tests of challenges do again and again."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from apps import testing
from apps.accounts.models import User
from apps.challenges.models import Challenge, Membership, Role
from apps.checkins.models import CheckIn
from apps.core import clock
from apps.core.clock import DAY
from apps.notifications.models import Notification

MORNING = datetime.fromisoformat("2026-03-02T06:15:04Z")
NOBODY = UUID("00000000-0000-0000-0000-000000000000")


def body(**changes: Any) -> dict[str, Any]:
    """What creates a challenge that begins today."""
    today = clock.now().date()
    dates = {"start_date": today, "end_date": today + 30 * DAY}
    return {"name": "March moves", "habit_ids": [testing.HABITS[0]]} | dates | changes


def people(count: int, **columns: Any) -> list[User]:
    return [testing.make_user(**columns) for _ in range(count)]


def admin_of(challenge: Challenge) -> User:
    user = testing.make_user("Ada")
    testing.add_member(challenge, user, role=Role.ADMIN)
    return user


def membership(challenge: Challenge, user: User) -> Membership:
    return Membership.objects.get(challenge=challenge, user=user)


def stored(challenge: Challenge) -> Challenge:
    return Challenge.objects.get(pk=challenge.pk)


def read(user: User, challenge: Challenge) -> dict[str, Any]:
    """The detail as GET answers it."""
    response = testing.Api(user).get(f"/challenges/{challenge.id}")
    assert response.status_code == 200, response.content
    return response.json()


def make_check_ins(challenge: Challenge, user: User, days: list[date], habit: int = 1, **columns: Any) -> None:
    """Rows alone: counters do not follow."""
    ids = {"challenge": challenge, "user": user, "habit_id": testing.HABITS[habit - 1], "points_earned": 10}
    CheckIn.objects.bulk_create(CheckIn(checkin_date=day, **ids | columns) for day in days)


def told(user: User) -> list[tuple[str, str, str]]:
    """Type, title and body of a user's notifications, the oldest first."""
    rows = Notification.objects.filter(user=user).order_by("created_at", "id")
    return list(rows.values_list("type", "title", "body"))


def assert_counts_are_exact() -> None:
    """`member_count` is the number of active memberships, everywhere."""
    for challenge in Challenge.objects.all():
        active = Membership.objects.filter(challenge=challenge, status="active").count()
        assert challenge.member_count == active, challenge.name
