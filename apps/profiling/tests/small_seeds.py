"""Each size of the seed, small enough to be made again and again."""

from datetime import UTC, datetime

from django.db import connection

from apps.accounts.models import User
from apps.challenges.models import Challenge, ChallengeHabit, Habit, Membership
from apps.checkins.models import CheckIn
from apps.core import clock
from apps.notifications.models import Notification
from apps.profiling.seeding.fill import fill as fill_database
from apps.social.models import Friendship, Hitch

MIDNIGHT = datetime(2026, 3, 10, tzinfo=UTC)
MODELS = (User, Habit, Challenge, ChallengeHabit, Membership, CheckIn, Friendship, Hitch, Notification)
LOAD = {"people": 30, "rounds": 3, "group": 7}
SIZES = {
    "demo": {},
    "load": LOAD,
    "crowd": LOAD,
    "large": {"people": 80, "challenges": 60, "load": {"people": 12, "rounds": 2, "group": 5}},
}


def fill(size: str, number: int = 1, at: datetime = MIDNIGHT) -> None:
    with clock.standing_at(at):
        fill_database(size, number, lambda table: lambda done: None, **SIZES[size])


def empty() -> None:
    with connection.cursor() as cursor:
        for model in reversed(MODELS):
            cursor.execute(f"DELETE FROM {model._meta.db_table} {'WHERE NOT is_system' if model is Habit else ''}")  # noqa: S608
