from apps.challenges import errors, examples, services
from apps.challenges.models import Habit
from apps.challenges.querysets import HABIT_FIELDS
from apps.challenges.serializers.habits import HabitQuery, HabitSerializer, HabitWriteSerializer
from apps.core.answers import Json
from apps.core.api import ApiView
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
        habits = Habit.objects.for_list(request.user.id, self.query(HabitQuery).get("category"))
        return Json(list(habits))

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
