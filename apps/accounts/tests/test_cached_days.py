"""The cache and the clock: nothing that a new day changes outlives it, and nothing its lifetime (contract 3.2, 9.3)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from apps import testing
from apps.accounts.models import User
from apps.challenges.models import Challenge
from apps.core import clock
from apps.core.tests.freshness import is_warm
from apps.notifications.tests.notices import make_notice
from apps.testing import Api

pytestmark = pytest.mark.django_db

# In Vietnam 3 March begins then: a streak of 1 March has missed the whole 2 March.
MIDNIGHT = datetime(2026, 3, 2, 17, tzinfo=UTC)
SECOND = timedelta(seconds=1)
STREAK = {"current_streak": 5, "last_checkin_date": date(2026, 3, 1)}
OWN = {
    "/users/me": lambda answer: answer["stats"]["current_streak"],
    "/users/me/stats": lambda answer: answer["current_streak"],
    "/challenges": lambda answer: answer["challenges"][0]["current_streak"],
    "/challenges/discover": lambda answer: answer["challenges"][0]["current_streak"],
}


@pytest.fixture
def world(owner, member):
    with clock.standing_at(MIDNIGHT - 20 * SECOND):
        testing.make_challenge(owner, member, is_public=True, **STREAK)
        User.objects.filter(pk=owner.pk).update(**STREAK, timezone="Asia/Ho_Chi_Minh")
        return Api(owner), Api(member)


def at(instant, api, path) -> int:
    with clock.standing_at(instant):
        return OWN[path](api.get(path).json())


def is_warm_at(instant, api, path) -> bool:
    with clock.standing_at(instant):
        return is_warm(api, path)


@pytest.mark.parametrize("path", OWN)
class TestMidnight:
    def test_it_works(self, world, path):
        viewer, _ = world
        assert at(MIDNIGHT - 5 * SECOND, viewer, path) == 5
        assert is_warm_at(MIDNIGHT - 2 * SECOND, viewer, path)
        assert at(MIDNIGHT, viewer, path) == 0

    def test_it_is_the_viewers_own(self, world, path):
        """In UTC it is still 2 March: there the streak of 1 March lives, if there is one."""
        _, other = world
        User.objects.filter(pk=other.user.pk).update(**STREAK)
        assert at(MIDNIGHT - 5 * SECOND, other, path) == 5
        assert is_warm_at(MIDNIGHT, other, path)
        assert at(MIDNIGHT, other, path) == 5

    def test_what_is_read_in_the_last_second_is_not_kept(self, world, path):
        viewer, _ = world
        assert at(MIDNIGHT - 0.5 * SECOND, viewer, path) == 5
        assert at(MIDNIGHT, viewer, path) == 0

    def test_a_new_check_in_is_not_hidden_by_what_was_kept(self, world, path):
        viewer, _ = world
        assert at(MIDNIGHT, viewer, path) == 0
        with clock.standing_at(MIDNIGHT + SECOND):
            challenge = Challenge.objects.get()
            body = {"challenge_id": challenge.id, "habit_id": testing.HABITS[0]}
            assert viewer.post("/checkins", body).status_code == 201
        assert at(MIDNIGHT + 2 * SECOND, viewer, path) == 1


class TestOtherPeople:
    def test_a_shared_page_is_read_once_and_shown_by_each_viewers_day(self, world):
        viewer, other = world
        path = "/challenges/discover"
        with clock.standing_at(MIDNIGHT - 5 * SECOND):
            assert [OWN[path](api.get(path).json()) for api in (viewer, other)] == [5, 5]
        with clock.standing_at(MIDNIGHT):
            assert is_warm(viewer, path) and is_warm(other, path)
            assert [OWN[path](api.get(path).json()) for api in (viewer, other)] == [0, 5]

    def test_a_public_profile_follows_the_day_of_its_owner(self, world):
        viewer, other = world
        seen = []
        for instant in (MIDNIGHT - 5 * SECOND, MIDNIGHT):
            with clock.standing_at(instant):
                seen.append(other.get(f"/users/{viewer.user.id}").json()["stats"]["current_streak"])
        assert seen == [5, 0]


class TestLifetimes:
    """Rows change past the services here: what was kept is all that a reader can see, until its time is over."""

    NOON = datetime(2026, 3, 2, 3, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("path", "seconds"),
        [("/users/me", 300), ("/auth/me", 300), ("/users/me/stats", 300), ("/challenges", 60)]
        + [("/challenges/discover", 60), ("/notifications/unread/count", 300)],
    )
    def test_it_works(self, owner, member, path, seconds):
        with clock.standing_at(self.NOON):
            testing.make_challenge(owner, member, is_public=True)
            api = Api(owner)
            before = api.get(path).json()
        self.change_everything(owner)
        # A tenth earlier at the most, so that entries do not end together.
        assert self.read(api, path, 0.9 * seconds - 1) == before
        assert self.read(api, path, seconds) != before

    def test_a_principal_lives_as_long(self, owner):
        with clock.standing_at(self.NOON):
            api = Api(owner)
            api.get("/habits")
        User.objects.update(token_version=9)
        with clock.standing_at(self.NOON + 269 * SECOND):
            assert api.get("/habits").status_code == 200
        with clock.standing_at(self.NOON + 300 * SECOND):
            assert api.get("/habits").status_code == 401

    def read(self, api, path, seconds):
        with clock.standing_at(self.NOON + seconds * SECOND):
            return api.get(path).json()

    def change_everything(self, owner):
        User.objects.filter(pk=owner.pk).update(display_name="New", points=99)
        Challenge.objects.update(name="New")
        make_notice(owner)
