from apps.challenges import errors, services
from apps.challenges.models import Habit
from apps.challenges.querysets import HABIT_FIELDS
from apps.challenges.serializers import HabitQuery, HabitSerializer, HabitWriteSerializer
from apps.core.answers import Json
from apps.core.api import ApiView
from apps.core.schema import CREATED, describe

HABIT = {
    "id": "00000000-0000-0000-0000-000000000001",
    "name": "Morning Exercise",
    "icon": "🏃",
    "description": "Move your body before the day begins.",
    "category": "health",
    "is_system": True,
}


class HabitListView(ApiView):
    @describe(
        "Habits", "System habits and your own", answer=HabitSerializer(many=True), query=HabitQuery, example=[HABIT]
    )
    def get(self, request):
        habits = Habit.objects.for_list(request.user.id, self.query(HabitQuery).get("category"))
        return Json(list(habits))

    @describe(
        "Habits",
        "Create a habit of your own",
        answer=HabitSerializer,
        status=CREATED,
        body=HabitWriteSerializer,
        problems=(errors.habit_limit_reached,),
        example=HABIT | {"is_system": False},
    )
    def post(self, request):
        habit = services.create_habit(owner_id=request.user.id, **self.body(HabitWriteSerializer))
        return Json({field: getattr(habit, field) for field in HABIT_FIELDS}, CREATED)
