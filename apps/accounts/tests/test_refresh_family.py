"""A refresh token that comes a second time: whoever stole it, its whole session ends."""

import base64
import hashlib
import re
from datetime import timedelta

import pytest

from apps import testing
from apps.accounts.models import Session
from apps.accounts.tests.people import is_live, log_in, outcome, renew
from apps.core import clock

REFUSED = (401, "invalid_token")


@pytest.fixture
def ann(db):
    return testing.make_user("Ann")


class TestRefreshReuse:
    def test_it_works(self, ann):
        """A racing retry, within a minute: refused, and that is all."""
        now = clock.now()
        with clock.standing_at(now):
            used = log_in(ann)["refresh_token"]
            current = renew(used).json()
        with clock.standing_at(now + timedelta(seconds=60)):
            assert outcome(renew(used)) == REFUSED
            assert is_live(current["access_token"])
            assert renew(current["refresh_token"]).status_code == 200

    def test_it_ends_the_session_later(self, ann):
        now = clock.now()
        other = log_in(ann)
        with clock.standing_at(now):
            first = log_in(ann)
            current = renew(first["refresh_token"]).json()
        with clock.standing_at(now + timedelta(seconds=61)):
            assert outcome(renew(first["refresh_token"])) == REFUSED
            assert not is_live(current["access_token"]) and not is_live(first["access_token"])
            assert outcome(renew(current["refresh_token"])) == REFUSED
            assert is_live(other["access_token"])


class TestFamily:
    """Who stole a token and used it first is found out by its owner's use of it, however often it was renewed since."""

    def renewed(self, ann, times: int, start) -> list[str]:
        """The tokens of one session, an hour apart; the last one is current."""
        with clock.standing_at(start):
            tokens = [log_in(ann)["refresh_token"]]
        for hour in range(times):
            with clock.standing_at(start + timedelta(hours=hour + 1)):
                tokens.append(renew(tokens[-1]).json()["refresh_token"])
        return tokens

    @pytest.mark.parametrize("position", [0, 1, 2])
    def test_any_older_token_ends_the_session__hc37(self, ann, position):
        start, other = clock.now(), log_in(ann)
        *used, current = self.renewed(ann, 3, start)
        with clock.standing_at(start + timedelta(hours=3, seconds=61)):
            assert outcome(renew(used[position])) == REFUSED
            assert outcome(renew(current)) == REFUSED
        assert is_live(other["access_token"])

    def test_within_a_minute_of_a_renewal_it_is_refused_and_that_is_all(self, ann):
        start = clock.now()
        with clock.standing_at(start):
            first = log_in(ann)["refresh_token"]
            current = renew(renew(first).json()["refresh_token"]).json()["refresh_token"]
        with clock.standing_at(start + timedelta(seconds=60)):
            assert outcome(renew(first)) == REFUSED
            assert renew(current).status_code == 200

    def test_a_current_token_that_is_refused_was_not_stolen(self, ann):
        start = clock.now()
        current = self.renewed(ann, 1, start)[-1]
        with clock.standing_at(start + timedelta(hours=1 + 720)):
            assert outcome(renew(current)) == REFUSED
        assert Session.objects.get().revoked_at is None

    def test_nobody_can_make_one_that_ends_the_session_of_another(self, ann):
        """Knowing its name, from an access token, and having tokens of one's own."""
        start = clock.now()
        current = self.renewed(ann, 1, start)[-1]
        own = base64.urlsafe_b64decode(log_in(testing.make_user())["refresh_token"])
        name = Session.objects.get(user=ann).id.bytes
        forged = [own[:32] + name + own[48:], bytes(32) + name + bytes(12), own[:32] + name, name, b""]
        with clock.standing_at(start + timedelta(hours=2)):
            for token in forged:
                renew(base64.urlsafe_b64encode(token).decode() or "x")
            assert renew(current).status_code == 200

    def test_each_has_32_random_bytes_and_is_stored_as_its_hash(self, ann):
        tokens = [log_in(ann)["refresh_token"] for _ in range(20)]
        assert len({token[:42] for token in tokens}) == 20
        assert all(re.fullmatch(r"[A-Za-z0-9_-]{80}", token) for token in tokens)
        stored = set(Session.objects.values_list("refresh_hash", flat=True))
        assert stored == {hashlib.sha256(token.encode()).hexdigest() for token in tokens}
