from datetime import timedelta
from functools import partial

import pytest

from apps import testing
from apps.accounts import lockout, passwords
from apps.accounts.models import LoginFailure
from apps.accounts.tests.people import at_once, log_in, outcome
from apps.core import clock
from apps.testing import Api

WRONG, LOCKED, RIGHT = (401, "invalid_credentials"), (429, "login_locked"), (200, None)


def attempt(email: str, password: str = "wrong") -> tuple:  # noqa: S107
    return outcome(Api().post("/auth/login", {"email": email, "password": password}))


def fail(email: str, times: int) -> list[tuple]:
    return [attempt(email) for _ in range(times)]


@pytest.fixture
def ann(db):
    return testing.make_user("Ann", email="ann@example.com")


class TestLockout:
    def test_it_works__hc24(self, ann):
        assert fail(ann.email, 7) == [WRONG] * 5 + [LOCKED] * 2

    def test_it_refuses_the_right_password_too(self, ann):
        fail(ann.email, 5)
        assert attempt(ann.email, "password") == LOCKED

    def test_it_locks_unknown_and_malformed_addresses_alike(self, ann):
        for email in ("nobody@example.com", "no address"):
            assert fail(email, 6) == [WRONG] * 5 + [LOCKED]
        assert attempt(ann.email, "password") == RIGHT

    def test_it_says_when_to_come_back(self, ann, anonymous):
        now = clock.now()
        with clock.standing_at(now):
            fail(ann.email, 5)
        for after, seconds in ((0, "900"), (1.5, "899"), (899.9, "1")):
            with clock.standing_at(now + timedelta(seconds=after)):
                response = anonymous.post("/auth/login", {"email": ann.email, "password": "password"})
            assert (response.status_code, response["Retry-After"]) == (429, seconds)

    def test_it_opens_after_15_minutes_and_counts_anew(self, ann):
        now = clock.now()
        with clock.standing_at(now):
            fail(ann.email, 6)
        with clock.standing_at(now + timedelta(minutes=15)):
            assert fail(ann.email, 6) == [WRONG] * 5 + [LOCKED]

    def test_it_is_not_prolonged_by_attempts(self, ann):
        now = clock.now()
        with clock.standing_at(now):
            fail(ann.email, 5)
        with clock.standing_at(now + timedelta(minutes=14)):
            assert fail(ann.email, 3) == [LOCKED] * 3
        with clock.standing_at(now + timedelta(minutes=15)):
            assert attempt(ann.email, "password") == RIGHT

    def test_it_begins_with_the_fifth_failure(self, ann):
        now = clock.now()
        for minutes in (0, 3, 6, 9, 12):
            with clock.standing_at(now + timedelta(minutes=minutes)):
                attempt(ann.email)
        with clock.standing_at(now + timedelta(minutes=26, seconds=59)):
            assert attempt(ann.email, "password") == LOCKED
        with clock.standing_at(now + timedelta(minutes=27)):
            assert attempt(ann.email, "password") == RIGHT

    def test_it_forgets_failures_after_15_minutes(self, ann):
        now = clock.now()
        with clock.standing_at(now):
            fail(ann.email, 4)
        with clock.standing_at(now + timedelta(minutes=15)):
            assert fail(ann.email, 6) == [WRONG] * 5 + [LOCKED]

    def test_it_still_knows_failures_of_less_than_15_minutes(self, ann):
        now = clock.now()
        with clock.standing_at(now):
            fail(ann.email, 4)
        with clock.standing_at(now + timedelta(minutes=14, seconds=59)):
            assert fail(ann.email, 2) == [WRONG, LOCKED]

    def test_it_is_cleared_by_a_success(self, ann):
        fail(ann.email, 4)
        log_in(ann)
        assert not LoginFailure.objects.exists()
        assert fail(ann.email, 6) == [WRONG] * 5 + [LOCKED]

    def test_it_is_not_opened_by_a_success_that_was_being_checked_when_it_fell(self, ann):
        fail(ann.email, 5)
        lockout.forget(ann.email)
        assert attempt(ann.email, "password") == LOCKED

    def test_it_counts_spellings_of_one_address_together(self, ann):
        spellings = ["ann@example.com", "ANN@example.com", " ann@Example.com", "ａｎｎ@example.com", "Ann@example.COM"]
        assert [attempt(spelling) for spelling in spellings] == [WRONG] * 5
        assert attempt(ann.email) == LOCKED

    def test_it_counts_a_deactivated_account(self, db):
        gone = testing.make_user(is_active=False)
        assert [attempt(gone.email, "password") for _ in range(6)] == [WRONG] * 5 + [LOCKED]

    def test_it_stores_no_address(self, ann):
        attempt(ann.email)
        assert "ann" not in LoginFailure.objects.get().email_hash

    def test_it_follows_its_settings(self, ann, settings):
        settings.MAX_LOGIN_ATTEMPTS, settings.LOGIN_LOCKOUT_MINUTES = 1, 2
        now = clock.now()
        for minutes in (0, 2):
            with clock.standing_at(now + timedelta(minutes=minutes)):
                assert fail(ann.email, 2) == [WRONG, LOCKED]

    def test_it_costs_two_reads_and_no_hash_while_locked(self, ann, django_assert_num_queries, monkeypatch):
        fail(ann.email, 5)
        monkeypatch.delattr(passwords, "matches")
        with django_assert_num_queries(2):
            assert attempt(ann.email, "password") == LOCKED


class TestLockoutByPasswordChange:
    CHANGE = {"current_password": "wrong", "new_password": "an0ther secret"}

    def test_it_works(self, as_owner, owner):
        answers = [outcome(as_owner.post("/auth/password", self.CHANGE)) for _ in range(6)]
        assert answers == [(400, "wrong_password")] * 5 + [LOCKED]
        assert attempt(owner.email, "password") == LOCKED

    def test_it_counts_both_together(self, as_owner, owner):
        fail(owner.email, 4)
        assert outcome(as_owner.post("/auth/password", self.CHANGE)) == (400, "wrong_password")
        response = as_owner.post("/auth/password", self.CHANGE | {"current_password": "password"})
        assert outcome(response) == LOCKED
        assert 1 <= int(response["Retry-After"]) <= 900

    def test_it_is_cleared_by_a_success(self, as_owner, owner):
        fail(owner.email, 4)
        as_owner.post("/auth/password", self.CHANGE | {"current_password": "password"})
        assert not LoginFailure.objects.exists()


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
class TestLockoutRaces:
    def test_it_answers_five_of_many_wrong_ones__hc24(self):
        for number in range(3):
            email = f"nobody{number}@example.com"
            answers = at_once(*[partial(attempt, email) for _ in range(10)])
            assert sorted(answers) == [WRONG] * 5 + [LOCKED] * 5

    def test_it_lets_every_right_one_pass(self):
        user = testing.make_user()
        fail(user.email, 4)
        assert at_once(*[partial(attempt, user.email, "password") for _ in range(8)]) == [RIGHT] * 8

    def test_it_tells_the_sixth_of_a_race_when_to_come_back(self):
        wrong = {"email": "nobody@example.com", "password": "wrong"}
        answers = at_once(*[partial(Api().post, "/auth/login", wrong) for _ in range(8)])
        waits = [int(answer["Retry-After"]) for answer in answers if answer.status_code == 429]
        assert len(waits) == 3 and all(890 <= seconds <= 900 for seconds in waits)
