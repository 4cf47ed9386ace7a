from typing import Any

import orjson

from apps.challenges import cache, errors, examples, reads, services
from apps.challenges.models import Habit
from apps.challenges.querysets import HABIT_FIELDS
from apps.challenges.serializers.habits import HabitQuery, HabitSerializer, HabitWriteSerializer
from apps.core.answers import Json, to_bytes
from apps.core.api import ApiView
from apps.core.cache_values import Fresh
from apps.core.schema import CREATED, describe

TAG = "Habits"


class HabitListView(ApiView):
    @describe(
        TAG,
        "System habits and your own",
        answer=HabitSerializer(many=True),
        query=HabitQuery,
        example=[examples.HABIT],
    )
    def get(self, request):
        category = self.query(HabitQuery).get("category")
        return Json(list(Habit.objects.for_list(request.user.id, category)) if category else self.usable())

    def keys(self, user_id):
        return (cache.system_habits,)

    def usable(self) -> list[dict[str, Any]]:
        """When the system's habits are not in the cache, one statement brings them with the user's own."""
        user_id, loaded = self.request.user.id, []

        def load() -> Fresh:
            loaded.extend(reads.usable_habits(user_id))
            return Fresh(to_bytes([habit for habit in loaded if habit["is_system"]]))

        system = self.snapshot.get(cache.system_habits, load)
        return loaded or orjson.loads(system.body) + reads.own_habits(user_id)

    @describe(
        TAG,
        "Create a habit of your own",
        answer=HabitSerializer,
        status=CREATED,
        body=HabitWriteSerializer,
        problems=(errors.habit_limit_reached,),
        example=examples.HABIT | {"is_system": False},
    )
    def post(self, request):
        habit = services.create_habit(owner_id=request.user.id, **self.body(HabitWriteSerializer))
        return Json({field: getattr(habit, field) for field in HABIT_FIELDS}, CREATED)
