"""The bearer token, on a route that does nothing but know it."""

import base64
import json
from datetime import timedelta

import jwt
import pytest

from apps import testing
from apps.accounts import services
from apps.accounts.models import Session, User
from apps.accounts.tests.people import bearing, log_in, outcome, renew
from apps.core import clock
from apps.testing import Api

REQUIRED, INVALID, EXPIRED = (401, "authentication_required"), (401, "invalid_token"), (401, "token_expired")
OTHER_KEY = "another-key-" + "k" * 32


def claims(**changes) -> dict:
    now = int(clock.now().timestamp())
    good = {"iss": "darezone", "typ": "access", "sub": str(testing.HABITS[0]), "sid": str(testing.HABITS[1]), "ver": 0}
    return good | {"iat": now, "exp": now + 3600} | changes


def signed(settings, **changes) -> str:
    # Not jwt.encode: it refuses to sign some of the claims that a test wants to be refused here.
    return jwt.api_jws.encode(json.dumps(claims(**changes)).encode(), settings.JWT_SIGNING_KEY, algorithm="HS256")


def unsigned() -> str:
    parts = ({"alg": "none", "typ": "JWT"}, claims())
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


class TestAuthentication:
    def test_it_works(self, as_owner):
        assert as_owner.get("/auth/me").status_code == 200

    def test_it_takes_the_scheme_in_any_case(self, as_owner):
        token = as_owner.headers["Authorization"].removeprefix("Bearer ")
        as_owner.headers = {"Authorization": f"bEARER  {token} "}
        assert as_owner.get("/auth/me").status_code == 200

    @pytest.mark.parametrize("header", ["", " ", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Token x", "x"])
    def test_it_asks_for_a_token__hc21(self, anonymous, header, django_assert_num_queries):
        anonymous.headers = {"Authorization": header}
        with django_assert_num_queries(0):
            response = anonymous.get("/auth/me")
        assert (outcome(response), response["WWW-Authenticate"]) == (REQUIRED, "Bearer")

    @pytest.mark.parametrize("token", ["a b", "a", "a.b.c", "x" * 10_000, "....", "é", "\x7f", "bnVsbA.bnVsbA.bnVsbA"])
    def test_it_refuses_what_is_no_token__hc21(self, anonymous, token, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert outcome(bearing(token).get("/auth/me")) == INVALID

    def test_it_refuses_other_signatures_before_any_query__hc21(self, db, django_assert_num_queries):
        forged = [
            unsigned(),
            jwt.encode(claims(), OTHER_KEY, algorithm="HS256"),
            jwt.encode(claims(exp=1), OTHER_KEY, algorithm="HS256"),
        ]
        with django_assert_num_queries(0):
            assert {outcome(bearing(token).get("/auth/me")) for token in forged} == {INVALID}

    def test_it_refuses_other_algorithms__hc21(self, settings, db, django_assert_num_queries):
        token = jwt.encode(claims(), settings.JWT_SIGNING_KEY * 2, algorithm="HS512")
        with django_assert_num_queries(0):
            assert outcome(bearing(token).get("/auth/me")) == INVALID

    @pytest.mark.parametrize(
        "change",
        [
            {"iss": "other"}, {"iss": None}, {"iss": ["darezone"]}, {"typ": "refresh"}, {"typ": None},
            {"sub": "7"}, {"sub": None}, {"sub": ["a"]},
            {"sub": "{00000000-0000-0000-0000-000000000001}"}, {"sid": "x"}, {"sid": ""}, {"ver": "0"}, {"ver": True},
            {"ver": 0.0}, {"ver": None}, {"exp": "tomorrow"}, {"exp": None}, {"exp": 1e99}, {"iat": "x"},
            {"sid": {"a": 1}},
        ],
        ids=str,
    )  # fmt: skip
    def test_it_refuses_malformed_claims__hc21(self, settings, db, change, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert outcome(bearing(signed(settings, **change)).get("/auth/me")) == INVALID

    @pytest.mark.parametrize("name", ["iss", "typ", "sub", "sid", "ver", "iat", "exp"])
    def test_it_refuses_missing_claims__hc21(self, settings, db, name):
        incomplete = claims()
        del incomplete[name]
        token = jwt.encode(incomplete, settings.JWT_SIGNING_KEY, algorithm="HS256")
        assert outcome(bearing(token).get("/auth/me")) == INVALID

    def test_it_takes_expiry_with_ten_seconds_of_leeway__hc21(self, owner):
        now = clock.now().replace(microsecond=0)
        with clock.standing_at(now):
            api = Api(owner)
        answers = []
        for seconds in (3600, 3609, 3610, 10**6):
            with clock.standing_at(now + timedelta(seconds=seconds)):
                answers.append(outcome(api.get("/auth/me")))
        assert answers == [(200, None), (200, None), EXPIRED, EXPIRED]

    def test_it_makes_no_query_for_an_expired_token__hc21(self, settings, db, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert outcome(bearing(signed(settings, exp=1)).get("/auth/me")) == EXPIRED

    def test_it_refuses_an_unknown_user(self, settings, db):
        assert outcome(bearing(signed(settings)).get("/auth/me")) == INVALID

    def test_it_refuses_a_deleted_user__hc22(self, as_owner, owner):
        User.objects.filter(pk=owner.pk).delete()
        assert outcome(as_owner.get("/auth/me")) == INVALID

    @pytest.mark.parametrize("version", [-1, 1, 2**70])
    def test_it_refuses_another_token_version(self, settings, owner, version):
        session = Session.objects.create(user=owner, refresh_hash="0" * 64, expires_at=clock.now())
        token = signed(settings, sub=str(owner.id), sid=str(session.id), ver=version)
        assert outcome(bearing(token).get("/auth/me")) == INVALID


class TestDeactivation:
    def test_it_works__hc22(self, owner):
        tokens = log_in(owner)
        services.deactivate_user(user_id=owner.id)
        assert outcome(bearing(tokens["access_token"]).get("/auth/me")) == INVALID
        assert outcome(renew(tokens["refresh_token"])) == INVALID
        assert User.objects.get(pk=owner.pk).token_version == 1

    def test_it_ends_old_tokens_for_good(self, as_owner, owner):
        services.deactivate_user(user_id=owner.id)
        User.objects.filter(pk=owner.pk).update(is_active=True)
        assert outcome(as_owner.get("/auth/me")) == INVALID
        assert not Session.objects.filter(user=owner, revoked_at=None).exists()

    def test_it_changes_nothing_the_second_time(self, as_owner, owner):
        for _ in range(2):
            services.deactivate_user(user_id=owner.id)
        assert User.objects.get(pk=owner.pk).token_version == 1

    def test_it_leaves_other_people_alone(self, owner, as_member):
        services.deactivate_user(user_id=owner.id)
        assert as_member.get("/auth/me").status_code == 200
