"""The steps that tests of check-ins are made of: each one with a token of its moment."""

from datetime import date, datetime
from typing import Any

from apps import testing
from apps.accounts.models import User
from apps.challenges.models import Challenge, Membership
from apps.checkins import streaks
from apps.checkins.models import CheckIn
from apps.core import clock
from apps.core.clock import DAY

PHOTO, VIDEO = "https://cdn.example.com/a.jpg", "http://localhost:8000/media/a.mp4"
NOBODY = "00000000-0000-0000-0000-00000000dead"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def check_in(user: User, challenge: Challenge, habit: int = 1, **body: Any):
    """The answer to a check-in of the system habit with this number."""
    ids = {"challenge_id": challenge.id, "habit_id": testing.HABITS[habit - 1]}
    return testing.Api(user).post("/checkins", ids | body)


def delete(user: User, answer: Any):
    """The answer to taking back what `answer` created."""
    return testing.Api(user).delete(f"/checkins/{answer.json()['checkin']['id']}")


def make_row(user: User, challenge: Challenge, day: date, habit: int = 1, **columns: Any) -> CheckIn:
    """A row alone: counters do not follow."""
    columns = {"points_earned": 10, "created_at": clock.now()} | columns
    return CheckIn.objects.create(
        user=user, challenge=challenge, habit_id=testing.HABITS[habit - 1], checkin_date=day, **columns
    )


def give_streak(user: User, current: int) -> None:
    """Until yesterday."""
    yesterday = clock.now().date() - DAY
    counters = {"current_streak": current, "longest_streak": current, "last_checkin_date": yesterday}
    User.objects.filter(pk=user.pk).update(**counters)


def member_state(challenge: Challenge, user: User) -> tuple[int, int, int, int]:
    """current / longest / total / points, as the contract's table writes them."""
    member = Membership.objects.get(challenge=challenge, user=user)
    return member.current_streak, member.longest_streak, member.total_checkins, member.points_earned


def user_state(user: User) -> tuple[int, int, int, int]:
    user = User.objects.get(pk=user.pk)
    return user.current_streak, user.longest_streak, user.total_check_ins, user.points


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def assert_counters_are_exact() -> None:
    """Every stored counter equals what its rows say (contract 3.2, 3.3), for everybody."""
    rows = list(CheckIn.objects.values_list("challenge_id", "user_id", "checkin_date", "points_earned"))
    for member in Membership.objects.all():
        own = [row for row in rows if row[:2] == (member.challenge_id, member.user_id)]
        assert _streak(member) == streaks.rebuild(row[2] for row in own)
        points = sum(row[3] for row in own) + member.kept_points
        assert (member.total_checkins, member.points_earned) == (len(own), points)
    for user in User.objects.all():
        own = [row for row in rows if row[1] == user.pk]
        assert _streak(user) == streaks.rebuild(row[2] for row in own)
        points = sum(Membership.objects.filter(user=user).values_list("points_earned", flat=True))
        assert (user.total_check_ins, user.points) == (len(own), points)
    for challenge in Challenge.objects.all():
        current, _, last = streaks.rebuild(row[2] for row in rows if row[0] == challenge.pk)
        assert (challenge.current_streak, challenge.last_checkin_date) == (current, last)


def _streak(row: Membership | User) -> streaks.Streak:
    return streaks.Streak(row.current_streak, row.longest_streak, row.last_checkin_date)
