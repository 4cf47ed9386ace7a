import pytest

from apps import testing

pytestmark = pytest.mark.django_db


class TestHabitList:
    def test_it_works(self, as_owner):
        habits = as_owner.get("/habits").json()
        assert [habit["name"] for habit in habits[:2]] == ["Morning Exercise", "Drink Water"]
        assert len(habits) == 10

    def test_it_shows_own_habits_after_the_system_ones_and_nobody_elses(self, as_owner, owner, member):
        mine, _ = testing.make_habit(owner), testing.make_habit(member)
        assert [habit["id"] for habit in as_owner.get("/habits").json()[10:]] == [str(mine.id)]

    def test_it_filters_by_category_without_regard_to_case(self, as_owner):
        assert {habit["category"] for habit in as_owner.get("/habits?category=HEALTH").json()} == {"health"}

    def test_it_needs_a_token(self, anonymous):
        response = anonymous.get("/habits")
        assert (response.status_code, response.json()["code"]) == (401, "authentication_required")


class TestHabitCreate:
    def test_it_works(self, as_owner):
        response = as_owner.post("/habits", {"name": " Cold  shower ", "icon": "🚿", "description": ""})
        assert response.status_code == 201
        assert response.json() | {"id": None} == {
            "id": None,
            "name": "Cold  shower",
            "icon": "🚿",
            "description": None,
            "category": None,
            "is_system": False,
        }

    def test_it_reports_all_violations_together(self, as_owner):
        response = as_owner.post("/habits", {"name": "\u200b", "icon": 7})
        assert response.status_code == 422
        assert [(v["loc"], v["type"]) for v in response.json()["detail"]] == [
            (["body", "name"], "blank"),
            (["body", "icon"], "invalid"),
        ]

    def test_it_stops_at_a_hundred(self, as_owner, owner):
        for _ in range(100):
            testing.make_habit(owner)
        response = as_owner.post("/habits", {"name": "one more"})
        assert (response.status_code, response.json()["code"]) == (400, "habit_limit_reached")
