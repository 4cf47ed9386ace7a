"""GET /challenges/{id}/progress and GET /checkins/challenges/{id}/today: members x habits of one day."""

from datetime import timedelta

import pytest

from apps import testing
from apps.challenges.models import ChallengeHabit, Membership
from apps.checkins.tests.steps import check_in, make_row
from apps.core import clock
from apps.core.clock import DAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

TODAY = testing.NOON
PHOTO = "https://cdn.example.com/a.jpg"


def progress(user, challenge, **query):
    response = testing.Api(user).get(f"/challenges/{challenge.id}/progress", query)
    assert response.status_code == 200
    return response.json()


def today(user, challenge):
    response = testing.Api(user).get(f"/checkins/challenges/{challenge.id}/today")
    assert response.status_code == 200
    return response.json()


def done(answer):
    """The completed cells of progress, member by member."""
    return [[habit["completed"] for habit in member["habits"]] for member in answer["members"]]


class TestProgress:
    def test_it_works(self, challenge, member, owner):
        check_in(member, challenge, 2)
        names = ["Morning Exercise", "Drink Water"]
        cells = [
            {"habit_id": str(id), "habit_name": name, "completed": False, "checked_in_at": None}
            for id, name in zip(testing.HABITS[:2], names, strict=True)
        ]
        assert progress(owner, challenge) == {
            "challenge_id": str(challenge.id),
            "date": "2026-03-02",
            "members": [
                {
                    "user_id": str(owner.id),
                    "display_name": "Olga",
                    "avatar_url": None,
                    "habits": cells,
                    "total_completed": 0,
                    "completion_percentage": 0.0,
                },
                {
                    "user_id": str(member.id),
                    "display_name": "Max",
                    "avatar_url": None,
                    "habits": [cells[0], cells[1] | {"completed": True, "checked_in_at": "2026-03-02T12:00:00Z"}],
                    "total_completed": 1,
                    "completion_percentage": 50.0,
                },
            ],
            "total_habits": 2,
            "overall_completion": 25.0,
        }

    def test_it_is_of_any_date(self, challenge, member):
        make_row(member, challenge, TODAY.date() - 40 * DAY)
        answer = progress(member, challenge, target_date="2026-01-21")
        assert (answer["date"], done(answer)) == ("2026-01-21", [[False, False], [True, False]])
        assert done(progress(member, challenge, target_date="2100-12-31")) == [[False, False], [False, False]]

    def test_its_day_is_the_viewers(self, challenge, member):
        kim = testing.make_user("Kim", timezone="Pacific/Kiritimati")
        testing.add_member(challenge, kim)
        check_in(kim, challenge)
        assert progress(kim, challenge)["date"] == "2026-03-03"
        assert done(progress(kim, challenge))[2] == [True, False]
        assert done(progress(member, challenge))[2] == [False, False]

    def test_it_rounds_half_up(self, owner):
        challenge = testing.make_challenge(owner, *(testing.make_user() for _ in range(2)), habits=1)
        check_in(owner, challenge)
        assert progress(owner, challenge)["overall_completion"] == 33.33

    @pytest.mark.parametrize("date", ["2026-W01-1", "20260101", "0000-01-01", "2026-02-30", "1999-12-31"])
    def test_a_date_has_one_form__hc15(self, date, challenge, as_member):
        response = as_member.get(f"/challenges/{challenge.id}/progress", {"target_date": date})
        assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["query", "target_date"])


class TestToday:
    def test_it_works(self, challenge, member, owner):
        check_in(member, challenge, 1, photo_url=PHOTO)
        first, second = today(owner, challenge)
        olga = {
            "user_id": str(owner.id),
            "user_name": "Olga",
            "user_avatar_url": None,
            "is_you": True,
            "checked_in_today": False,
            "checkin_time": None,
            "photo_url": None,
        }
        max_ = olga | {"user_id": str(member.id), "user_name": "Max", "is_you": False}
        at_noon = {"checked_in_today": True, "checkin_time": "2026-03-02T12:00:00Z", "photo_url": PHOTO}
        assert first == {
            "habit_id": str(testing.HABITS[0]),
            "habit_name": "Morning Exercise",
            "habit_icon": "🏃",
            "members": [olga, max_ | at_noon],
            "completion_rate": 50.0,
            "total_checkins_today": 1,
        }
        assert (second["members"], second["completion_rate"]) == ([olga, max_], 0.0)

    def test_its_day_is_the_viewers(self, challenge, member):
        kim = testing.make_user("Kim", timezone="Pacific/Kiritimati")
        testing.add_member(challenge, kim)
        check_in(kim, challenge)
        assert [today(user, challenge)[0]["total_checkins_today"] for user in (kim, member)] == [1, 0]

    def test_it_has_an_alias(self, challenge, member, as_member):
        check_in(member, challenge)
        alias = as_member.get(f"/challenges/{challenge.id}/checkins/today")
        assert (alias.status_code, alias.json()) == (200, today(member, challenge))


class TestBoards:
    """What both have in common."""

    def test_habits_come_by_display_order_with_their_custom_names(self, challenge, member):
        ChallengeHabit.objects.filter(habit=testing.HABITS[0]).update(
            display_order=5, custom_name="Run", custom_icon="👟"
        )
        assert [habit["habit_name"] for habit in progress(member, challenge)["members"][0]["habits"]] == [
            "Drink Water",
            "Run",
        ]
        assert [(habit["habit_name"], habit["habit_icon"]) for habit in today(member, challenge)] == [
            ("Drink Water", "💧"),
            ("Run", "👟"),
        ]

    def test_members_are_the_active_ones_by_joining(self, challenge, member, owner, outsider):
        check_in(member, challenge)
        testing.add_member(challenge, outsider, joined_at=clock.now() - timedelta(days=9))
        Membership.objects.filter(user=member).update(status="left")
        expected = [str(outsider.id), str(owner.id)]
        assert [row["user_id"] for row in progress(owner, challenge)["members"]] == expected
        (first, _) = today(owner, challenge)
        assert [row["user_id"] for row in first["members"]] == expected
        assert (first["total_checkins_today"], first["completion_rate"]) == (0, 0.0)
        assert progress(owner, challenge)["overall_completion"] == 0.0

    def test_only_what_counts_counts(self, challenge, member):
        make_row(member, challenge, TODAY.date(), 1, status="pending")
        make_row(member, challenge, TODAY.date(), 2, status="verified")
        assert done(progress(member, challenge))[1] == [False, True]
        assert [habit["total_checkins_today"] for habit in today(member, challenge)] == [0, 1]

    @pytest.mark.parametrize("path", ["/challenges/{}/progress", "/checkins/challenges/{}/today"])
    @pytest.mark.parametrize("size", [2, 20])
    def test_it_is_five_statements(self, path, size, owner, django_assert_num_queries):
        others = [testing.make_user() for _ in range(size)]
        challenge = testing.make_challenge(owner, *others, max_members=50, habits=1 if size == 2 else 4)
        for other in others:
            make_row(other, challenge, TODAY.date())
        api = testing.Api(owner)
        with django_assert_num_queries(5):
            assert api.get(path.format(challenge.id)).status_code == 200
