"""What a check-in moves is read at once, by everybody whose answer was in the cache (contract 3.13, 9.4)."""

import pytest

from apps import testing
from apps.accounts.models import User
from apps.challenges.models import Challenge
from apps.checkins.tests.steps import check_in
from apps.core.clock import DAY
from apps.core.tests.freshness import everything, is_warm, watched
from apps.testing import Api

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
NOON = testing.NOON


@pytest.fixture
def challenge(noon, owner, member):
    return testing.make_challenge(owner, member, is_public=True)


@pytest.fixture
def everybody(challenge, owner, member, outsider):
    return [Api(user) for user in (owner, member, outsider)]


def streaks(api, path) -> list[int]:
    return [row["current_streak"] for row in api.get(path).json()["challenges"]]


def post(api, challenge, habit=1):
    return api.post("/checkins", {"challenge_id": challenge.id, "habit_id": testing.HABITS[habit - 1]})


class TestCheckIn:
    def test_it_works(self, everybody, challenge):
        owner, member, outsider = everybody
        with watched(*everybody) as cost:
            assert post(member, challenge).status_code == 201
        assert cost.redis == 2
        assert member.get("/users/me/stats").json()["points"] == 10
        assert owner.get(f"/users/{member.user.id}").json()["stats"]["current_streak"] == 1
        assert [streaks(owner, "/challenges"), streaks(outsider, "/challenges/discover")] == [[1], [1]]

    def test_a_later_one_of_the_day_moves_its_owner_alone(self, everybody, challenge):
        owner, member, outsider = everybody
        check_in(owner.user, challenge)
        with watched(*everybody) as cost:
            assert post(member, challenge).status_code == 201
        assert cost.redis == 2
        for api in everybody:
            everything(api)
        assert post(member, challenge, habit=2).status_code == 201
        assert is_warm(owner, "/challenges") and is_warm(outsider, "/challenges/discover")
        assert is_warm(owner, "/users/me")

    def test_a_repetition_expires_nothing(self, everybody, challenge):
        _, member, _ = everybody
        post(member, challenge)
        for api in everybody:
            everything(api)
        assert post(member, challenge).status_code == 400
        assert all(is_warm(api, "/users/me") and is_warm(api, "/challenges") for api in everybody)

    def test_the_one_that_starts_the_challenge_is_seen(self, everybody, challenge):
        owner, member, _ = everybody
        Challenge.objects.update(status="pending", start_date=NOON.date())
        with watched(*everybody) as cost:
            assert post(member, challenge).status_code == 201
        assert cost.redis == 2
        assert [row["status"] for row in owner.get("/challenges").json()["challenges"]] == ["active"]
        assert owner.get("/users/me/stats").json()["active_challenges"] == 1
        assert owner.get("/notifications/unread/count").json() == {"count": 1}

    def test_a_milestone_is_counted_at_once(self, everybody, challenge):
        _, member, _ = everybody
        User.objects.filter(pk=member.user.pk).update(current_streak=6, last_checkin_date=NOON.date() - DAY)
        with watched(*everybody):
            post(member, challenge)
        assert member.get("/notifications/unread/count").json() == {"count": 1}


class TestTakingBack:
    def test_it_works(self, everybody, challenge):
        owner, member, outsider = everybody
        made = post(member, challenge).json()["checkin"]["id"]
        with watched(*everybody) as cost:
            assert member.delete(f"/checkins/{made}").status_code == 204
        assert cost.redis == 2
        assert member.get("/users/me/stats").json()["points"] == 0
        assert [streaks(owner, "/challenges"), streaks(outsider, "/challenges/discover")] == [[0], [0]]

    def test_it_moves_its_owner_alone_while_the_day_has_another(self, everybody, challenge):
        owner, member, outsider = everybody
        made = post(member, challenge).json()["checkin"]["id"]
        post(owner, challenge)
        with watched(*everybody):
            member.delete(f"/checkins/{made}")
        made = post(member, challenge).json()["checkin"]["id"]
        for api in everybody:
            everything(api)
        member.delete(f"/checkins/{made}")
        assert is_warm(owner, "/challenges") and is_warm(outsider, "/challenges/discover")
