"""Writes of habits."""

from uuid import UUID

from django.db import connection

from apps.accounts.models import User
from apps.challenges import errors
from apps.challenges.models import Habit
from apps.core.transactions import transactional

MAX_OWN_HABITS = 100

# One statement counts and inserts: it saves a round trip, and the ORM has no INSERT with a condition.
INSERT_BELOW_LIMIT = """
INSERT INTO habits (id, name, icon, description, category, is_system, created_by_id, created_at)
SELECT %(id)s, %(name)s, %(icon)s, %(description)s, %(category)s, FALSE, %(created_by_id)s, %(created_at)s
WHERE (SELECT COUNT(*) FROM habits WHERE created_by_id = %(created_by_id)s AND NOT is_system) < %(limit)s
"""


@transactional
def create_habit(*, owner_id: UUID, name: str, **optional: str | None) -> Habit:
    """A custom habit; at 100 of them `habit_limit_reached`. `optional`: icon, description, category."""
    habit = Habit(created_by_id=owner_id, name=name, **optional)
    # The lock comes first and alone: the count must see what the request before this one has committed.
    User.objects.select_for_update(no_key=True).only("id").get(pk=owner_id)
    columns = {field.attname: getattr(habit, field.attname) for field in Habit._meta.concrete_fields}
    with connection.cursor() as cursor:
        cursor.execute(INSERT_BELOW_LIMIT, columns | {"limit": MAX_OWN_HABITS})
        if not cursor.rowcount:
            raise errors.habit_limit_reached(limit=MAX_OWN_HABITS)
    return habit
