import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial

import pytest
from django.db import transaction

from apps import testing
from apps.accounts import services
from apps.accounts.models import LoginFailure, Session, User
from apps.accounts.tests.people import at_once, bearing, is_live, log_in, outcome, renew, violations
from apps.core import clock
from apps.testing import Api

CHANGE = {"current_password": "password", "new_password": "an0ther secret"}


@pytest.fixture
def ann(db):
    return testing.make_user("Ann", email="ann@example.com")


class TestLogin:
    def test_it_works(self, ann, anonymous):
        response = anonymous.post("/auth/login", {"email": "ann@example.com", "password": "password"})
        assert response.status_code == 200
        tokens = response.json()
        assert set(tokens) == {"access_token", "refresh_token", "token_type", "expires_in", "user"}
        assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 3600)
        assert tokens["user"] == bearing(tokens["access_token"]).get("/auth/me").json()

    @pytest.mark.parametrize("email", [" ANN@Example.com ", "ａｎｎ@example.com"])
    def test_it_knows_the_address_in_other_letters(self, ann, anonymous, email):
        assert anonymous.post("/auth/login", {"email": email, "password": "password"}).status_code == 200

    def test_it_never_checks_the_strength_of_a_password(self, ann):
        assert log_in(ann, "password")

    def test_it_opens_a_session_of_its_own_each_time(self, ann):
        first, second = log_in(ann), log_in(ann)
        assert Session.objects.filter(user=ann).count() == 2
        assert is_live(first["access_token"]) and is_live(second["access_token"])

    def test_it_ignores_a_stale_token(self, ann):
        body = {"email": ann.email, "password": "password"}
        assert bearing("stale").post("/auth/login", body).status_code == 200

    def test_it_shows_the_streak_of_the_persons_own_day(self, anonymous):
        last = {"current_streak": 4, "longest_streak": 9, "last_checkin_date": date(2026, 3, 1)}
        east = testing.make_user(timezone="Asia/Ho_Chi_Minh", **last)
        west = testing.make_user(timezone="America/New_York", **last)
        with clock.standing_at(clock.now().replace(2026, 3, 2, 20)):
            streaks = [log_in(user)["user"]["stats"]["current_streak"] for user in (east, west)]
        assert streaks == [0, 4]

    def test_it_shows_the_mode_that_staff_forced(self, ann):
        User.objects.filter(pk=ann.pk).update(forced_mode="b2b")
        assert log_in(ann)["user"]["account_type"] == "b2b"

    def test_it_moves_last_seen_at_most_once_a_minute(self, ann):
        start = clock.now()
        seen = []
        for seconds in (30, 61, 100, 121):
            with clock.standing_at(start + timedelta(seconds=seconds)):
                log_in(ann)
            seen.append(User.objects.get(pk=ann.pk).last_seen_at - start > timedelta(seconds=seconds - 1))
        assert seen == [False, True, False, True]

    def test_it_costs_three_queries(self, ann, django_assert_num_queries):
        with django_assert_num_queries(3):
            log_in(ann)

    def test_it_costs_one_more_after_a_failure(self, ann, anonymous, django_assert_num_queries):
        anonymous.post("/auth/login", {"email": ann.email, "password": "wrong"})
        with django_assert_num_queries(4):
            log_in(ann)

    def test_it_costs_the_same_with_many_sessions(self, ann, django_assert_num_queries):
        for _ in range(20):
            testing.token_for(ann)
        with django_assert_num_queries(3):
            log_in(ann)


class TestLoginRefusals:
    def test_it_works(self, ann, anonymous):
        response = anonymous.post("/auth/login", {"email": ann.email, "password": "Password"})
        assert outcome(response) == (401, "invalid_credentials")
        assert response["WWW-Authenticate"] == "Bearer"

    def test_it_answers_unknown_wrong_and_deactivated_alike__hc24(self, ann, anonymous, django_assert_num_queries):
        gone = testing.make_user(is_active=False)
        bodies = set()
        for email, password in [
            (ann.email, "wrong"),
            ("nobody@example.com", "x"),
            (gone.email, "password"),
            ("?", "x"),
        ]:
            with django_assert_num_queries(3):
                response = anonymous.post("/auth/login", {"email": email, "password": password})
            bodies.add((response.status_code, response.content))
        assert bodies == {(401, b'{"detail":"Invalid email or password.","code":"invalid_credentials"}')}

    def test_it_takes_as_long_for_an_unknown_account__hc24(self, ann, anonymous):
        def seconds(email: str) -> float:
            started = time.thread_time()  # of the processor: a busy machine must not decide
            anonymous.post("/auth/login", {"email": email, "password": "wrong"})
            return time.thread_time() - started

        known = min(seconds(ann.email) for _ in range(4))
        unknown = min(seconds("nobody@example.com") for _ in range(4))
        locked = min(seconds("nobody@example.com") for _ in range(4))
        assert known / 2 < unknown < known * 2
        assert locked < known / 2  # the hash is what takes the time

    def test_it_opens_no_session(self, ann, anonymous):
        anonymous.post("/auth/login", {"email": ann.email, "password": "wrong"})
        assert not Session.objects.exists()

    @pytest.mark.parametrize(
        ("body", "wrong"),
        [
            ({}, [("email", "required"), ("password", "required")]),
            ({"email": None, "password": None}, [("email", "null"), ("password", "null")]),
            ({"email": "", "password": ""}, [("email", "blank"), ("password", "blank")]),
            ({"email": 1, "password": ["password"]}, [("email", "invalid"), ("password", "invalid")]),
            ({"email": "x" * 255, "password": "x" * 129}, [("email", "max_length"), ("password", "max_length")]),
            ({"email": "a\0@example.com", "password": "a\0"}, [("email", "invalid"), ("password", "invalid")]),
        ],
    )
    def test_it_refuses_bad_input__hc24(self, anonymous, body, wrong):
        assert violations(anonymous.post("/auth/login", body)) == wrong
        assert not LoginFailure.objects.exists()

    def test_it_refuses_a_password_of_a_megabyte__hc24(self, anonymous):
        body = {"email": "ann@example.com", "password": "x" * 2**20}
        assert violations(anonymous.post("/auth/login", body)) == [("password", "max_length")]

    def test_it_takes_a_password_of_spaces_for_a_wrong_one(self, ann, anonymous):
        response = anonymous.post("/auth/login", {"email": ann.email, "password": "   "})
        assert outcome(response) == (401, "invalid_credentials")


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
class TestLoginRaces:
    def test_it_lets_nobody_stay_in_with_a_password_that_is_being_changed(self):
        for _ in range(3):
            user = testing.make_user()
            changed, *entered = at_once(
                partial(Api(user).post, "/auth/password", CHANGE), *[partial(self.enter, user) for _ in range(3)]
            )
            assert changed.status_code == 200
            for answer in sum(entered, []):
                if answer.status_code == 200:
                    assert not is_live(answer.json()["access_token"])
                    assert renew(answer.json()["refresh_token"]).status_code == 401
            assert is_live(changed.json()["access_token"])

    def test_it_ends_a_session_that_was_being_opened_when_the_password_changed(self):
        """The change waits for the log-in, and sees what it has written."""
        user = testing.make_user()
        with ThreadPoolExecutor(1) as thread:
            with transaction.atomic():
                entered = services.log_in(email=user.email, password="password")
                change = thread.submit(at_once, partial(Api(user).post, "/auth/password", CHANGE))
                testing.wait_for_a_waiter()
            (changed,) = change.result(30)
        assert changed.status_code == 200
        assert not is_live(entered.access) and renew(entered.refresh).status_code == 401
        assert renew(changed.json()["refresh_token"]).status_code == 200

    def enter(self, user: User) -> list:
        """Again and again, so that some are being checked while the password changes."""
        body = {"email": user.email, "password": "password"}
        return [Api().post("/auth/login", body) for _ in range(4)]
