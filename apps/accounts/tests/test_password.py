import threading
from functools import partial

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from apps import testing
from apps.accounts.models import Session, User
from apps.accounts.tests.people import at_once, bearing, is_live, log_in, outcome, renew, violations
from apps.core import clock
from apps.testing import Api

GOOD = {"current_password": "password", "new_password": "an0ther secret"}


class TestPasswordChange:
    def test_it_works(self, as_owner, owner):
        response = as_owner.post("/auth/password", GOOD)
        assert response.status_code == 200
        tokens = response.json()
        assert set(tokens) == {"access_token", "refresh_token", "token_type", "expires_in", "user"}
        assert tokens["user"]["id"] == str(owner.id)
        assert is_live(tokens["access_token"])
        assert renew(tokens["refresh_token"]).status_code == 200

    def test_it_ends_every_older_token(self, owner):
        here, elsewhere = log_in(owner), log_in(owner)
        bearing(here["access_token"]).post("/auth/password", GOOD)
        for tokens in (here, elsewhere):
            assert outcome(bearing(tokens["access_token"]).get("/auth/me")) == (401, "invalid_token")
            assert outcome(renew(tokens["refresh_token"])) == (401, "invalid_token")

    def test_it_leaves_other_people_alone(self, as_owner, as_member):
        as_owner.post("/auth/password", GOOD)
        assert as_member.get("/auth/me").status_code == 200

    def test_it_changes_what_opens_the_account(self, as_owner, owner, anonymous):
        as_owner.post("/auth/password", GOOD)
        assert log_in(owner, "an0ther secret")
        old = anonymous.post("/auth/login", {"email": owner.email, "password": "password"})
        assert outcome(old) == (401, "invalid_credentials")

    def test_its_two_hashes_are_computed_beside_each_other(self, as_owner, monkeypatch):
        both = threading.Barrier(2, timeout=10)
        for name in ("encode", "verify"):
            monkeypatch.setattr(Argon2PasswordHasher, name, after(both, getattr(Argon2PasswordHasher, name)))
        assert as_owner.post("/auth/password", GOOD).status_code == 200

    def test_it_moves_updated_at(self, as_owner, owner):
        before = clock.now()
        as_owner.post("/auth/password", GOOD)
        assert User.objects.get(pk=owner.pk).updated_at > before

    @pytest.mark.parametrize("sessions", [2, 20])
    def test_it_costs_five_queries_cold(self, owner, django_assert_num_queries, sessions):
        api = self.of(owner, sessions)
        with django_assert_num_queries(5):
            api.post("/auth/password", GOOD)

    @pytest.mark.parametrize("sessions", [2, 20])
    def test_it_costs_four_queries_warm(self, owner, django_assert_num_queries, sessions):
        api = self.of(owner, sessions)
        api.get("/users/me")
        with django_assert_num_queries(4):
            api.post("/auth/password", GOOD)

    def of(self, owner, sessions) -> Api:
        for _ in range(sessions):
            testing.token_for(owner)
        return Api(owner)

    def test_it_is_one_more_after_a_failure(self, as_owner, django_assert_num_queries):
        as_owner.post("/auth/password", GOOD | {"current_password": "wrong"})
        as_owner.get("/auth/me")  # and the cache knows who asks
        with django_assert_num_queries(5):
            as_owner.post("/auth/password", GOOD)


def after(barrier, method):
    def called(*args):
        barrier.wait()
        return method(*args)

    return called


class TestPasswordChangeRefusals:
    def test_it_works(self, as_owner, owner):
        response = as_owner.post("/auth/password", GOOD | {"current_password": "wrong"})
        assert outcome(response) == (400, "wrong_password")
        assert as_owner.get("/auth/me").status_code == 200
        assert log_in(owner)

    def test_it_needs_a_token(self, anonymous):
        assert outcome(anonymous.post("/auth/password", {})) == (401, "authentication_required")

    @pytest.mark.parametrize(
        ("change", "wrong"),
        [
            ({"new_password": "short"}, [("new_password", "min_length")]),
            ({"new_password": "x" * 129}, [("new_password", "max_length")]),
            ({"new_password": "12345678901"}, [("new_password", "weak_password")]),
            ({"new_password": "iloveyou1"}, [("new_password", "weak_password")]),
            ({"current_password": ""}, [("current_password", "blank")]),
            ({"current_password": "x" * 129}, [("current_password", "max_length")]),
            (
                {"current_password": None, "new_password": 1},
                [("current_password", "null"), ("new_password", "invalid")],
            ),
        ],
    )
    def test_it_refuses_bad_input(self, as_owner, change, wrong):
        assert violations(as_owner.post("/auth/password", GOOD | change)) == wrong

    @pytest.mark.parametrize("password", ["annabelle.lee", "AnnaBelle.Lee", "annabelle.lee@example.com"])
    def test_it_refuses_the_own_address(self, password, db):
        user = testing.make_user(email="annabelle.lee@example.com")
        change = {"current_password": "wrong", "new_password": password}
        assert violations(Api(user).post("/auth/password", change)) == [("new_password", "weak_password")]

    def test_it_says_422_before_429_and_429_before_400(self, as_owner):
        for _ in range(5):
            as_owner.post("/auth/password", GOOD | {"current_password": "wrong"})
        short = as_owner.post("/auth/password", {"current_password": "wrong", "new_password": "short"})
        wrong = as_owner.post("/auth/password", GOOD | {"current_password": "wrong"})
        assert [short.status_code, wrong.status_code] == [422, 429]


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
class TestPasswordChangeRaces:
    def test_it_lets_one_of_many_pass(self):
        for _ in range(3):
            user = testing.make_user()
            changes = [GOOD | {"new_password": f"secret no {number}"} for number in range(4)]
            answers = at_once(*[partial(Api(user).post, "/auth/password", change) for change in changes])
            # Who comes late is told that the token has ended, or that the password is another one by now.
            assert [answer.status_code for answer in answers].count(200) == 1
            assert {outcome(answer) for answer in answers if answer.status_code != 200} <= {
                (401, "invalid_token"),
                (400, "wrong_password"),
            }
            winner = [answer.status_code for answer in answers].index(200)
            assert is_live(answers[winner].json()["access_token"])
            assert log_in(user, f"secret no {winner}")
            assert Session.objects.filter(user=user, revoked_at=None).count() == 2
