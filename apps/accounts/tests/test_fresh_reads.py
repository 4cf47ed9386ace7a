"""What is written about a person is read at once, by everybody whose answer was in the cache (contract 3.13, 9.4)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from apps import testing
from apps.accounts import services
from apps.accounts.models import Session, User
from apps.accounts.tests.people import bearing, log_in, outcome, renew
from apps.challenges.models import Challenge
from apps.core import clock
from apps.core.tests.freshness import everything, is_warm, watched
from apps.profiling.tests.counting import counting
from apps.testing import Api

pytestmark = pytest.mark.django_db
OLD, NEW = "password", "an0ther secret"


def seen_an_hour_ago(user):
    User.objects.filter(pk=user.pk).update(last_seen_at=clock.now() - timedelta(hours=1))
    return User.objects.get(pk=user.pk).last_seen_at


class TestProfile:
    def test_it_works(self, as_owner, as_member, owner, challenge):
        with watched(as_owner, as_member) as cost:
            assert as_owner.patch("/users/me", {"display_name": "Olga II"}).status_code == 200
        assert cost.redis == 2
        assert as_owner.get("/users/me").json()["display_name"] == "Olga II"
        assert as_member.get(f"/users/{owner.id}").json()["display_name"] == "Olga II"

    def test_it_leaves_the_challenges_of_everybody_in_the_cache(self, as_owner, as_member, challenge):
        for api in (as_owner, as_member):
            everything(api)
        as_owner.patch("/users/me", {"bio": "x"})
        as_owner.get("/users/me")
        assert is_warm(as_owner, "/challenges") and is_warm(as_member, "/challenges")
        assert is_warm(as_member, "/users/me")

    def test_a_refused_edit_expires_nothing(self, as_owner):
        as_owner.get("/users/me")
        with counting() as cost:
            assert as_owner.patch("/users/me", {"timezone": "Nowhere"}).status_code == 422
        assert cost.redis == 1 and is_warm(as_owner, "/users/me")


class TestTimezone:
    """At this instant it is 2 March in UTC and 3 March in Vietnam: there the streak of 1 March has ended."""

    NOW = datetime(2026, 3, 2, 20, tzinfo=UTC)
    STREAK = {"current_streak": 5, "last_checkin_date": date(2026, 3, 1)}

    @pytest.fixture(autouse=True)
    def now(self, owner, member):
        with clock.standing_at(self.NOW):
            challenge = testing.make_challenge(owner, member, is_public=True, **self.STREAK)
            User.objects.filter(pk=owner.pk).update(**self.STREAK)
            yield challenge

    def test_it_works(self, owner):
        api = Api(owner)
        assert self.shown(api) == {5}
        with watched(api) as cost:
            assert api.patch("/users/me", {"timezone": "Asia/Ho_Chi_Minh"}).status_code == 200
        assert (cost.redis, self.shown(api)) == (2, {0})

    def test_other_people_keep_their_day(self, owner, member):
        others = Api(member)
        with watched(Api(owner), others):
            Api(owner).patch("/users/me", {"timezone": "Asia/Ho_Chi_Minh"})
        lists = [others.get(path).json()["challenges"] for path in ("/challenges", "/challenges/discover")]
        assert [rows[0]["current_streak"] for rows in lists] == [5, 5]
        assert others.get(f"/users/{owner.id}").json()["stats"]["current_streak"] == 0

    def shown(self, api) -> set[int]:
        """The streak, wherever it is shown."""
        lists = [api.get(path).json()["challenges"][0] for path in ("/challenges", "/challenges/discover")]
        stats = [api.get("/users/me").json()["stats"], api.get("/users/me/stats").json()]
        return {shown["current_streak"] for shown in (*lists, *stats)}


class TestLastSeen:
    def test_a_login_moves_it(self, as_owner, owner):
        before = seen_an_hour_ago(owner)
        with watched(as_owner) as cost:
            log_in(owner)
        assert cost.redis == 1
        assert datetime.fromisoformat(as_owner.get("/users/me").json()["last_seen_at"]) > before

    def test_a_refresh_moves_it(self, as_owner, owner):
        token = log_in(owner)["refresh_token"]
        before = seen_an_hour_ago(owner)
        with watched(as_owner) as cost:
            assert renew(token).status_code == 200
        assert cost.redis == 1
        assert datetime.fromisoformat(as_owner.get("/users/me").json()["last_seen_at"]) > before


class TestTheEndOfASession:
    """The token was good a moment ago, and the cache knew its owner."""

    def test_a_logout_acts_at_once(self, owner):
        gone, stays = (bearing(log_in(owner)["access_token"]) for _ in range(2))
        assert is_warm_twice(gone) and is_warm_twice(stays)
        with counting() as cost:
            gone.post("/auth/logout")
        assert cost.redis == 2
        assert outcome(gone.get("/users/me")) == (401, "invalid_token")
        assert stays.get("/users/me").status_code == 200

    def test_a_new_password_acts_at_once(self, as_owner, owner):
        elsewhere = bearing(log_in(owner)["access_token"])
        assert is_warm_twice(elsewhere) and is_warm_twice(as_owner)
        with counting() as cost:
            answer = as_owner.post("/auth/password", {"current_password": OLD, "new_password": NEW})
        assert cost.redis == 2
        for api in (as_owner, elsewhere):
            assert outcome(api.get("/users/me")) == (401, "invalid_token")
        assert bearing(answer.json()["access_token"]).get("/users/me").status_code == 200

    def test_a_deactivation_acts_at_once(self, as_owner, as_member, owner, challenge):
        assert is_warm_twice(as_owner)
        assert as_member.get(f"/users/{owner.id}").status_code == 200
        with watched(as_member):
            services.deactivate_user(user_id=owner.id)
        assert outcome(as_owner.get("/users/me")) == (401, "invalid_token")
        assert outcome(as_member.get(f"/users/{owner.id}")) == (404, "user_not_found")

    def test_a_stolen_refresh_token_acts_at_once(self, owner):
        tokens = log_in(owner)
        live = bearing(renew(tokens["refresh_token"]).json()["access_token"])
        assert is_warm_twice(live)
        Session.objects.filter(user=owner).update(rotated_at=clock.now() - timedelta(minutes=2))
        assert outcome(renew(tokens["refresh_token"])) == (401, "invalid_token")
        assert outcome(live.get("/users/me")) == (401, "invalid_token")

    def test_a_wrong_password_expires_nothing(self, as_owner):
        assert is_warm_twice(as_owner)
        as_owner.post("/auth/password", {"current_password": "wrong", "new_password": NEW})
        assert is_warm(as_owner, "/users/me")


def is_warm_twice(api) -> bool:
    api.get("/users/me")
    return is_warm(api, "/users/me")


class TestChallengesOfAPerson:
    def test_a_profile_counts_the_active_challenges_of_now(self, as_owner, as_member, owner, challenge):
        with watched(as_owner, as_member):
            as_owner.patch(f"/challenges/{challenge.id}", {"status": "completed"})
        assert Challenge.objects.get().status == "completed"
        for api in (as_owner, as_member):
            assert api.get("/users/me/stats").json()["active_challenges"] == 0
