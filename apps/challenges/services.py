"""Writes of habits."""

from uuid import UUID

from apps.accounts.models import User
from apps.challenges import errors
from apps.challenges.models import Habit
from apps.core.transactions import transactional

MAX_OWN_HABITS = 100


@transactional
def create_habit(*, owner_id: UUID, name: str, **optional: str | None) -> Habit:
    """A custom habit; at 100 of them `habit_limit_reached`, decided under the owner's lock.

    `optional`: icon, description, category.
    """
    User.objects.select_for_update(no_key=True).only("id").get(pk=owner_id)
    if Habit.objects.filter(created_by=owner_id, is_system=False).count() >= MAX_OWN_HABITS:
        raise errors.habit_limit_reached(limit=MAX_OWN_HABITS)
    return Habit.objects.create(created_by_id=owner_id, name=name, **optional)
