import pytest

from apps import testing
from apps.accounts.tests.people import at_once, outcome, violations
from apps.challenges.models import Habit
from apps.core import clock
from apps.core.clock import DAY

pytestmark = pytest.mark.django_db


class TestHabitList:
    def test_it_works(self, as_owner):
        habits = as_owner.get("/habits").json()
        assert [habit["name"] for habit in habits[:2]] == ["Morning Exercise", "Drink Water"]
        assert [habit["id"] for habit in habits] == [str(id) for id in testing.HABITS]
        assert set(habits[0]) == {"id", "name", "icon", "description", "category", "is_system"}

    def test_it_shows_own_habits_after_the_system_ones_and_nobody_elses(self, as_owner, owner, member):
        mine, _ = testing.make_habit(owner), testing.make_habit(member)
        assert [habit["id"] for habit in as_owner.get("/habits").json()[10:]] == [str(mine.id)]

    def test_it_orders_own_habits_by_creation(self, as_owner, owner):
        late = testing.make_habit(owner, name="late")
        testing.make_habit(owner, name="early", created_at=late.created_at - DAY)
        assert [habit["name"] for habit in as_owner.get("/habits").json()[10:]] == ["early", "late"]

    def test_it_orders_system_habits_by_id_whenever_they_were_made(self, as_owner):
        Habit.objects.filter(pk=testing.HABITS[0]).update(created_at=clock.now() + DAY)
        assert as_owner.get("/habits").json()[0]["name"] == "Morning Exercise"

    def test_it_filters_by_category_without_regard_to_case(self, as_owner, owner):
        testing.make_habit(owner, category="Health")
        found = as_owner.get("/habits?category=HEALTH").json()
        assert {habit["category"] for habit in found} == {"health", "Health"}

    @pytest.mark.parametrize("category", ["heal", "%", "_", "health\\", "h%"])
    def test_it_takes_a_category_as_it_is_written__hc4(self, as_owner, category):
        assert as_owner.get("/habits", {"category": category}).json() == []

    @pytest.mark.parametrize("category", ["x" * 51, "a\x00b", "\u200b"])
    def test_it_refuses_a_category_that_cannot_be__hc4(self, as_owner, category):
        assert [loc for loc, _ in violations(as_owner.get("/habits", {"category": category}))] == ["category"]

    def test_it_ignores_other_parameters__hc5(self, as_owner):
        assert len(as_owner.get("/habits?limit=abc&page=0&category=").json()) == 10

    def test_it_needs_a_token(self, anonymous):
        assert outcome(anonymous.get("/habits")) == (401, "authentication_required")

    @pytest.mark.parametrize("own", [2, 20])
    def test_it_costs_two_queries(self, as_owner, owner, own, django_assert_num_queries):
        for _ in range(own):
            testing.make_habit(owner)
        with django_assert_num_queries(2):
            as_owner.get("/habits")


class TestHabitCreate:
    def test_it_works(self, as_owner, owner):
        response = as_owner.post("/habits", {"name": " Cold  shower ", "icon": "🚿", "description": ""})
        assert response.status_code == 201
        habit = {"name": "Cold  shower", "icon": "🚿", "description": None, "category": None, "is_system": False}
        assert response.json() == habit | {"id": response.json()["id"]}
        assert Habit.objects.filter(**habit, created_by=owner, pk=response.json()["id"]).exists()
        assert as_owner.get("/habits").json()[10:] == [response.json()]

    def test_it_takes_every_field_up_to_its_limit(self, as_owner):
        body = {"name": "n" * 100, "icon": "i" * 16, "description": "d\n" * 249, "category": "c" * 50}
        response = as_owner.post("/habits", body)
        assert response.status_code == 201
        assert response.json()["description"] == body["description"].strip()

    def test_it_reports_all_violations_together(self, as_owner):
        response = as_owner.post("/habits", {"name": "\u200b", "icon": 7})
        assert violations(response) == [("name", "blank"), ("icon", "invalid")]

    @pytest.mark.parametrize(
        ("field", "value", "type"),
        [
            ("name", None, "null"),
            ("name", "", "blank"),
            ("name", "n" * 101, "max_length"),
            ("icon", "i" * 17, "max_length"),
            ("category", "c" * 51, "max_length"),
            ("description", "d" * 501, "max_length"),
        ],
    )
    def test_it_keeps_to_the_limits(self, as_owner, field, value, type):
        assert violations(as_owner.post("/habits", {"name": "x"} | {field: value})) == [(field, type)]

    @pytest.mark.parametrize("name", [1, True, {}, ["x"]])
    def test_it_takes_text_only__hc10(self, as_owner, name):
        assert violations(as_owner.post("/habits", {"name": name})) == [("name", "invalid")]

    @pytest.mark.parametrize("name", [b"a\\u0000b", b"\\ud800", b"a\\u202eb", b"a\\nb"])
    def test_it_refuses_text_that_cannot_be_a_name__hc11(self, as_owner, name):
        assert violations(as_owner.raw("POST", "/habits", b'{"name": "%s"}' % name)) == [("name", "invalid")]

    def test_it_ignores_what_is_not_the_users_to_say__hc14(self, as_owner, owner, member):
        extra = {"id": str(testing.HABITS[0]), "is_system": True, "created_by": str(member.id)}
        habit = Habit.objects.get(pk=as_owner.post("/habits", {"name": "x"} | extra).json()["id"])
        assert (habit.is_system, habit.created_by_id) == (False, owner.id)
        assert Habit.objects.filter(is_system=True).count() == 10

    def test_it_stops_at_a_hundred(self, as_owner, owner, member):
        for _ in range(99):
            testing.make_habit(owner)
        testing.make_habit(member)
        assert as_owner.post("/habits", {"name": "the hundredth"}).status_code == 201
        response = as_owner.post("/habits", {"name": "one more"})
        assert outcome(response) == (400, "habit_limit_reached")
        assert response.json()["detail"] == "You already have 100 custom habits."
        assert Habit.objects.filter(created_by=owner).count() == 100

    def test_it_needs_a_token(self, anonymous):
        assert outcome(anonymous.post("/habits", {"name": "x"})) == (401, "authentication_required")

    @pytest.mark.parametrize("own", [2, 20])
    def test_it_costs_three_queries(self, as_owner, owner, own, django_assert_num_queries):
        for _ in range(own):
            testing.make_habit(owner)
        with django_assert_num_queries(3):
            as_owner.post("/habits", {"name": "x"})


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
class TestHabitRace:
    def test_two_at_once_do_not_pass_the_limit_together(self, as_owner, owner):
        Habit.objects.bulk_create(Habit(name="x", created_by=owner) for _ in range(99))
        for _ in range(5):
            answers = at_once(*[lambda: as_owner.post("/habits", {"name": "the hundredth"})] * 8)
            assert sorted(answer.status_code for answer in answers) == [201] + [400] * 7
            Habit.objects.filter(name="the hundredth").delete()
