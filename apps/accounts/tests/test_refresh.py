from datetime import date, timedelta
from functools import partial

import pytest

from apps import testing
from apps.accounts.models import Session, User
from apps.accounts.tests.people import at_once, bearing, is_live, log_in, outcome, renew, violations
from apps.core import clock

REFUSED = (401, "invalid_token")
CHANGE = {"current_password": "password", "new_password": "an0ther secret"}


@pytest.fixture
def ann(db):
    return testing.make_user("Ann")


class TestRefresh:
    def test_it_works(self, ann):
        before = log_in(ann)
        response = renew(before["refresh_token"])
        after = response.json()
        assert response.status_code == 200
        assert after["refresh_token"] != before["refresh_token"]
        assert after["user"] == before["user"]
        assert (after["token_type"], after["expires_in"]) == ("bearer", 3600)
        assert is_live(after["access_token"]) and is_live(before["access_token"])

    def test_it_can_go_on(self, ann):
        token = log_in(ann)["refresh_token"]
        for _ in range(3):
            token = renew(token).json()["refresh_token"]
        assert Session.objects.count() == 1

    def test_it_works_once(self, ann):
        token = log_in(ann)["refresh_token"]
        renew(token)
        assert outcome(renew(token)) == REFUSED

    def test_it_gives_each_token_its_full_life(self, ann):
        now = clock.now()
        with clock.standing_at(now):
            token = log_in(ann)["refresh_token"]
        with clock.standing_at(now + timedelta(hours=719)):
            token = renew(token).json()["refresh_token"]
        with clock.standing_at(now + timedelta(hours=719 + 719)):
            assert renew(token).status_code == 200

    def test_it_answers_what_the_user_is_now(self, ann):
        token = log_in(ann)["refresh_token"]
        today = clock.now().date()
        User.objects.filter(pk=ann.pk).update(points=70, current_streak=2, last_checkin_date=today, display_name="Anna")
        user = renew(token).json()["user"]
        assert (user["stats"]["points"], user["stats"]["current_streak"], user["display_name"]) == (70, 2, "Anna")

    def test_it_shows_a_missed_streak_as_zero(self, ann):
        token = log_in(ann)["refresh_token"]
        User.objects.filter(pk=ann.pk).update(current_streak=2, last_checkin_date=date(2026, 1, 1))
        assert renew(token).json()["user"]["stats"]["current_streak"] == 0

    def test_it_moves_last_seen_at_most_once_a_minute(self, ann):
        start = clock.now()
        token = log_in(ann)["refresh_token"]
        seen = []
        for seconds in (30, 90):
            with clock.standing_at(start + timedelta(seconds=seconds)):
                token = renew(token).json()["refresh_token"]
            seen.append(User.objects.get(pk=ann.pk).last_seen_at > start + timedelta(seconds=80))
        assert seen == [False, True]

    def test_it_ignores_a_stale_token(self, ann):
        body = {"refresh_token": log_in(ann)["refresh_token"]}
        assert bearing("stale").post("/auth/refresh", body).status_code == 200

    @pytest.mark.parametrize("others", [2, 20])
    def test_it_costs_two_queries(self, ann, django_assert_num_queries, others):
        token = log_in(ann)["refresh_token"]
        for _ in range(others):
            testing.token_for(ann)
        with django_assert_num_queries(2):
            renew(token)
        with django_assert_num_queries(2):
            renew(token)


class TestRefreshRefusals:
    def test_it_works(self, anonymous, django_assert_num_queries):
        with django_assert_num_queries(2):
            response = renew("unknown")
        assert outcome(response) == REFUSED
        assert response["WWW-Authenticate"] == "Bearer"

    def test_it_refuses_an_expired_token(self, ann):
        now = clock.now()
        with clock.standing_at(now):
            token = log_in(ann)["refresh_token"]
        with clock.standing_at(now + timedelta(hours=720)):
            assert outcome(renew(token)) == REFUSED

    def test_it_refuses_after_logout(self, ann):
        tokens = log_in(ann)
        bearing(tokens["access_token"]).post("/auth/logout")
        assert outcome(renew(tokens["refresh_token"])) == REFUSED

    def test_it_refuses_a_deactivated_user__hc22(self, ann):
        token = log_in(ann)["refresh_token"]
        User.objects.filter(pk=ann.pk).update(is_active=False)
        assert outcome(renew(token)) == REFUSED

    def test_it_refuses_a_deleted_user__hc23(self, ann):
        token = log_in(ann)["refresh_token"]
        User.objects.filter(pk=ann.pk).delete()
        assert outcome(renew(token)) == REFUSED

    def test_it_refuses_an_access_token__hc23(self, ann):
        assert outcome(renew(log_in(ann)["access_token"])) == REFUSED

    def test_it_refuses_as_access_token__hc23(self, ann):
        assert outcome(bearing(log_in(ann)["refresh_token"]).get("/auth/me")) == REFUSED

    @pytest.mark.parametrize(
        ("token", "type"),
        [(None, "null"), ("", "blank"), (7, "invalid"), ("x" * 513, "max_length"), ("a\0b", "invalid")],
    )
    def test_it_refuses_bad_input(self, anonymous, token, type):
        assert violations(renew(token)) == [("refresh_token", type)]

    def test_it_needs_the_token(self, anonymous):
        assert violations(anonymous.post("/auth/refresh", {})) == [("refresh_token", "required")]


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
class TestRefreshRaces:
    def test_it_lets_one_of_ten_pass__hc37(self):
        user = testing.make_user()
        for _ in range(6):
            token = log_in(user)["refresh_token"]
            answers = at_once(*[partial(renew, token) for _ in range(10)])
            assert sorted(outcome(answer)[0] for answer in answers) == [200] + [401] * 9
            (winner,) = (answer.json() for answer in answers if answer.status_code == 200)
            assert is_live(winner["access_token"])
            assert renew(winner["refresh_token"]).status_code == 200

    def test_it_ends_the_family_when_the_token_comes_again_later__hc37(self):
        user, now = testing.make_user(), clock.now()
        with clock.standing_at(now):
            token = log_in(user)["refresh_token"]
            answers = at_once(*[partial(renew, token) for _ in range(10)])
        (winner,) = (answer.json() for answer in answers if answer.status_code == 200)
        with clock.standing_at(now + timedelta(minutes=2)):
            assert outcome(renew(token)) == REFUSED
            assert not is_live(winner["access_token"])
            assert outcome(renew(winner["refresh_token"])) == REFUSED

    def test_it_gives_nothing_that_outlives_a_password_change(self):
        for _ in range(3):
            user = testing.make_user()
            tokens = [log_in(user) for _ in range(3)]
            changed, *renewed = at_once(
                partial(bearing(tokens[0]["access_token"]).post, "/auth/password", CHANGE),
                *[partial(renew, token["refresh_token"]) for token in tokens],
            )
            assert changed.status_code == 200
            for answer in renewed:
                if answer.status_code == 200:
                    assert not is_live(answer.json()["access_token"])
                    assert renew(answer.json()["refresh_token"]).status_code == 401
            assert is_live(changed.json()["access_token"])
