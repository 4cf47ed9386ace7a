"""The key is changed in three steps (docs/operations.md), and nobody has to log in again."""

from datetime import timedelta

import jwt
import pytest

from apps import testing
from apps.accounts.tests.people import bearing, is_live, log_in, outcome, renew
from apps.core import clock

pytestmark = pytest.mark.django_db
OLD, NEW, OTHER = ("old-key-" + "o" * 32, "new-key-" + "n" * 32, "other-key-" + "x" * 32)
INVALID = (401, "invalid_token")


@pytest.fixture
def keys(settings):
    """Sets the key that signs and the one that is accepted as well."""

    def keys(signing: str, accepted: str = "") -> None:
        settings.JWT_SIGNING_KEY, settings.JWT_SIGNING_KEY_PREVIOUS = signing, accepted

    return keys


def signed_by(token: str) -> str:
    for key in (OLD, NEW):
        try:
            jwt.decode(token, key, algorithms=["HS256"], options={"verify_exp": False})
        except jwt.InvalidSignatureError:
            continue
        return key
    return "nobody"


class TestRotation:
    def test_it_works(self, keys, owner):
        keys(OLD)
        before = log_in(owner)["access_token"]
        keys(OLD, NEW)  # every process learns the new key before one of them signs with it
        during = log_in(owner)["access_token"]
        keys(NEW, OLD)
        after = log_in(owner)["access_token"]
        assert [signed_by(token) for token in (before, during, after)] == [OLD, OLD, NEW]
        assert all(map(is_live, (before, during, after)))
        keys(NEW)
        assert [is_live(token) for token in (before, during, after)] == [False, False, True]

    def test_processes_of_two_steps_accept_each_others_tokens(self, keys, owner):
        steps = [(OLD, ""), (OLD, NEW), (NEW, OLD), (NEW, "")]
        for one, other in zip(steps, steps[1:], strict=False):
            keys(*one)
            of_one = log_in(owner)["access_token"]
            keys(*other)
            of_other = log_in(owner)["access_token"]
            # The last step is taken an hour after the one before it: its tokens have expired.
            assert is_live(of_one)
            keys(*one)
            assert is_live(of_other)

    def test_refresh_tokens_do_not_depend_on_it(self, keys, owner):
        keys(OLD)
        token = log_in(owner)["refresh_token"]
        keys(NEW)
        renewed = renew(token)
        assert renewed.status_code == 200 and signed_by(renewed.json()["access_token"]) == NEW

    def test_the_old_key_is_judged_like_the_new_one(self, keys, owner, django_assert_num_queries):
        """Algorithm, claims, expiry and session: only the signature has a second chance."""
        keys(OLD)
        now = clock.now()
        with clock.standing_at(now - timedelta(hours=2)):
            expired = testing.token_for(owner)
        claims = jwt.decode(testing.token_for(owner), OLD, algorithms=["HS256"])
        keys(NEW, OLD)
        with django_assert_num_queries(0):
            assert outcome(bearing(expired).get("/auth/me")) == (401, "token_expired")
            for bad in ({"typ": "refresh"}, {"iss": "other"}, {"sid": "x"}, {"ver": "0"}):
                token = jwt.encode(claims | bad, OLD, algorithm="HS256")
                assert outcome(bearing(token).get("/auth/me")) == INVALID
            token = jwt.encode(claims, OLD * 2, algorithm="HS512")
            assert outcome(bearing(token).get("/auth/me")) == INVALID

    @pytest.mark.parametrize("accepted", ["", OLD])
    def test_other_keys_are_refused_before_any_query__hc21(self, accepted, keys, owner, django_assert_num_queries):
        keys(OTHER)
        token = testing.token_for(owner)
        keys(NEW, accepted)
        with django_assert_num_queries(0):
            assert outcome(bearing(token).get("/auth/me")) == INVALID
