import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps import testing
from apps.accounts.tests.people import outcome, violations
from apps.challenges.models import Challenge, ChallengeHabit, Habit, Membership
from apps.challenges.tests.steps import body, read, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]


class TestCreate:
    def test_it_works(self, as_owner, owner):
        response = as_owner.post(
            "/challenges",
            body(type="group", end_date="2026-04-01", habit_ids=testing.HABITS[1::-1], checkin_type="any"),
        )
        assert response.status_code == 201
        answer = response.json()
        assert answer == {
            "id": answer["id"],
            "name": "March moves",
            "description": None,
            "type": "group",
            "status": "active",
            "start_date": "2026-03-02",
            "end_date": "2026-04-01",
            "duration_days": 30,
            "checkin_type": "any",
            "require_evidence": True,
            "is_public": False,
            "max_members": 10,
            "member_count": 1,
            "current_streak": 0,
            "organization_id": None,
            "program_id": None,
            "created_at": "2026-03-02T06:15:04Z",
            "created_by": str(owner.id),
            "invite_code": answer["invite_code"],
            "my_role": "creator",
            "my_status": "active",
            "my_stats": answer["members"][0]["stats"],
            "members": answer["members"],
            "habits": answer["habits"],
        }

    def test_it_makes_the_creator_its_first_member(self, as_owner, owner):
        (member,) = as_owner.post("/challenges", body()).json()["members"]
        stats = dict.fromkeys(("current_streak", "longest_streak", "total_checkins", "points_earned"), 0)
        assert member == {
            "id": member["id"],
            "user_id": str(owner.id),
            "display_name": "Olga",
            "avatar_url": None,
            "role": "creator",
            "status": "active",
            "stats": stats | {"hitch_count": 2},
            "joined_at": "2026-03-02T06:15:04Z",
            "left_at": None,
            "last_checkin_at": None,
        }
        assert told(owner) == []

    def test_it_keeps_the_habits_in_the_order_of_the_request(self, as_owner, owner):
        mine = testing.make_habit(owner, name="mine", icon="🎈", category="fun")
        first, last = as_owner.post("/challenges", body(habit_ids=[mine.id, testing.HABITS[0]])).json()["habits"]
        assert first == {
            "id": str(mine.id),
            "name": "mine",
            "icon": "🎈",
            "description": None,
            "category": "fun",
            "display_order": 0,
            "custom_name": None,
            "custom_icon": None,
            "custom_description": None,
            "total_checkins": 0,
            "completion_rate": 0.0,
        }
        assert (last["id"], last["display_order"]) == (str(testing.HABITS[0]), 1)

    def test_it_has_defaults_for_everything_optional(self, as_owner):
        nothing = dict.fromkeys(("type", "description", "checkin_type", "require_evidence", "max_members", "is_public"))
        for fields in (body(), body(**nothing), body(description="")):
            answer = as_owner.post("/challenges", fields).json()
            assert (answer["type"], answer["checkin_type"], answer["max_members"]) == ("individual", "photo", 10)
            assert (answer["require_evidence"], answer["is_public"], answer["description"]) == (True, False, None)

    def test_it_answers_what_get_reads(self, as_owner, owner):
        answer = as_owner.post("/challenges", body(description="a\nb", is_public=True)).json()
        assert read(owner, Challenge.objects.get()) == answer

    def test_it_begins_pending_when_the_creators_day_is_before_its_first(self, member):
        # 06:15 UTC: it is still the first of March in Los Angeles.
        for zone, status in (("America/Los_Angeles", "pending"), ("UTC", "active"), ("Asia/Tokyo", "active")):
            api = testing.Api(testing.make_user(timezone=zone))
            assert api.post("/challenges", body(start_date="2026-03-02")).json()["status"] == status
        assert testing.Api(member).post("/challenges", body(start_date="2026-03-03")).json()["status"] == "pending"

    def test_it_takes_dates_that_are_over(self, as_owner):
        answer = as_owner.post("/challenges", body(start_date="2020-01-01", end_date="2020-01-31")).json()
        assert (answer["status"], answer["duration_days"]) == ("active", 30)


class TestHabits:
    def test_it_takes_system_habits_and_own_ones_only(self, as_owner, owner, member):
        mine, theirs = testing.make_habit(owner), testing.make_habit(member)
        unknown = "00000000-0000-0000-0000-000000000000"
        assert as_owner.post("/challenges", body(habit_ids=[mine.id])).status_code == 201
        for ids in ([theirs.id], [mine.id, theirs.id], [unknown], [testing.HABITS[0], unknown]):
            assert outcome(as_owner.post("/challenges", body(habit_ids=ids))) == (400, "invalid_habits")
        assert (Challenge.objects.count(), ChallengeHabit.objects.count()) == (1, 1)

    def test_it_takes_one_to_four(self, as_owner):
        assert as_owner.post("/challenges", body(habit_ids=testing.HABITS[:4])).status_code == 201
        for ids, type in (([], "empty"), (testing.HABITS[:5], "max_length"), ("x", "not_a_list"), (None, "null")):
            assert violations(as_owner.post("/challenges", body(habit_ids=ids))) == [("habit_ids", type)]

    def test_it_says_which_ids_are_wrong(self, as_owner):
        ids = [testing.HABITS[0], "x", str(testing.HABITS[0]).upper(), {}]
        response = as_owner.post("/challenges", body(habit_ids=ids))
        assert [found["loc"] for found in response.json()["detail"]] == [
            ["body", "habit_ids", 1],
            ["body", "habit_ids", 3],
        ]
        response = as_owner.post("/challenges", body(habit_ids=[testing.HABITS[0], str(testing.HABITS[0]).upper()]))
        (found,) = response.json()["detail"]
        assert (found["loc"], found["type"]) == (["body", "habit_ids", 1], "duplicate")


class TestShape:
    @pytest.mark.parametrize("field", ["name", "start_date", "end_date", "habit_ids"])
    def test_it_needs(self, as_owner, field):
        fields = {key: value for key, value in body().items() if key != field}
        assert violations(as_owner.post("/challenges", fields)) == [(field, "required")]
        assert violations(as_owner.post("/challenges", body(**{field: None}))) == [(field, "null")]

    @pytest.mark.parametrize(
        ("field", "value", "type"),
        [
            ("name", "", "blank"),
            ("name", " \u200b", "blank"),
            ("name", "n" * 201, "max_length"),
            ("name", 1, "invalid"),
            ("name", "a\u202eb", "invalid"),
            ("description", "d" * 2001, "max_length"),
            ("description", ["x"], "invalid"),
            ("type", "program", "invalid_choice"),
            ("type", "Group", "invalid_choice"),
            ("type", 1, "invalid_choice"),
            ("checkin_type", "text", "invalid_choice"),
            ("require_evidence", "true", "invalid"),
            ("is_public", 1, "invalid"),
            ("max_members", 0, "min_value"),
            ("max_members", 51, "max_value"),
            ("max_members", "5", "invalid"),
            ("max_members", 5.0, "invalid"),
            ("max_members", True, "invalid"),
            ("max_members", 10**20, "invalid"),
        ],
    )
    def test_it_refuses__hc9_hc10_hc11(self, as_owner, field, value, type):
        raw = testing.orjson.dumps(body()) if value == 10**20 else None
        if raw:  # orjson writes no such number
            response = as_owner.raw("POST", "/challenges", raw[:-1] + b', "max_members": 100000000000000000000}')
        else:
            response = as_owner.post("/challenges", body(**{field: value}))
        assert violations(response) == [(field, type)]
        assert not Challenge.objects.exists()

    def test_it_takes_each_field_up_to_its_limit(self, as_owner):
        fields = body(name="é" * 200, description="d" * 2000, max_members=50)
        assert as_owner.post("/challenges", fields).status_code == 201
        assert as_owner.post("/challenges", body(max_members=1)).json()["max_members"] == 1

    def test_it_ignores_what_is_not_the_clients_to_say__hc14(self, as_owner, owner, member):
        extra = {
            "id": "00000000-0000-0000-0000-000000000001",
            "status": "completed",
            "created_by": str(member.id),
            "member_count": 7,
            "current_streak": 9,
            "invite_code": "AAAAAA",
            "role": "admin",
            "points": 100,
            "organization_id": "00000000-0000-0000-0000-000000000001",
        }
        answer = as_owner.post("/challenges", body(**extra)).json()
        challenge = Challenge.objects.get()
        assert challenge.pk != extra["id"] and challenge.created_by_id == owner.id
        assert (challenge.status, challenge.member_count, challenge.current_streak) == ("active", 1, 0)
        assert (answer["my_role"], answer["organization_id"]) == ("creator", None)

    def test_it_needs_a_token(self, anonymous):
        assert outcome(anonymous.post("/challenges", body())) == (401, "authentication_required")


class TestMembership:
    def test_it_begins_as_the_model_says(self, as_owner, owner):
        challenge = as_owner.post("/challenges", body()).json()["id"]
        stored = Membership.objects.filter(challenge=challenge).values().get()
        begun = Membership(id=stored["id"], challenge_id=stored["challenge_id"], user_id=owner.id, role="creator")
        assert stored == {name: getattr(begun, name) for name in stored}


class TestCost:
    def statements(self, api, habits):
        with CaptureQueriesContext(connection) as queries:
            assert api.post("/challenges", body(habit_ids=habits)).status_code == 201
        return len(queries)

    def test_it_is_six_queries_however_many_habits(self, as_owner):
        assert [self.statements(as_owner, testing.HABITS[:count]) for count in (1, 2, 4)] == [6, 6, 6]

    def test_it_does_not_depend_on_what_there_is(self, as_owner, owner):
        Habit.objects.bulk_create(Habit(name="x", created_by=owner) for _ in range(20))
        for _ in range(20):
            testing.make_challenge(owner)
        assert self.statements(as_owner, testing.HABITS[:2]) == 6
