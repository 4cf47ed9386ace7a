"""What staff change of challenges and habits is read at once at the API, although it was in the cache."""

from functools import partial

import pytest

from apps import testing
from apps.accounts.tests.people import at_once
from apps.challenges.models import ChallengeHabit, Habit, Membership
from apps.challenges.tests.test_admin import CHALLENGES, HABITS, LINKS
from apps.core.tests.freshness import everything, is_warm, watched

pytestmark = pytest.mark.django_db
DISCOVER = "/challenges/discover"


@pytest.fixture
def everybody(as_owner, as_member, as_outsider):
    return as_owner, as_member, as_outsider


@pytest.fixture
def public(owner, member):
    return testing.make_challenge(owner, member, is_public=True, name="March")


def edit(staff, challenge, **changes):
    values = {"name": challenge.name, "max_members": challenge.max_members, "description": ""}
    values |= {"is_public": "on"} if challenge.is_public else {}
    values = {name: value for name, value in (values | changes).items() if value is not None}
    return staff.post(f"{CHALLENGES}{challenge.pk}/change/", values)


def names(api, path="/challenges") -> list[str]:
    return [row["name"] for row in api.get(path).json()["challenges"]]


class TestChallenges:
    def test_it_works(self, staff, everybody, public):
        with watched(*everybody):
            edit(staff, public, name="April")
        owner, member, outsider = everybody
        assert [names(owner), names(member), names(outsider, DISCOVER)] == [["April"]] * 3

    @pytest.mark.parametrize("changes", [{"description": "x"}, {"max_members": 20}, {"is_public": None}], ids=str)
    def test_it_is_fresh_whatever_was_changed(self, staff, everybody, public, changes):
        with watched(*everybody):
            edit(staff, public, **changes)

    def test_a_challenge_that_becomes_private_disappears(self, staff, everybody, as_outsider, public):
        with watched(*everybody):
            edit(staff, public, is_public=None)
        assert names(as_outsider, DISCOVER) == []

    def test_a_challenge_that_becomes_public_appears(self, staff, everybody, as_outsider, challenge):
        with watched(*everybody):
            edit(staff, challenge, is_public="on")
        assert names(as_outsider, DISCOVER) == [challenge.name]

    def test_a_pending_members_list_is_fresh_too(self, staff, as_outsider, outsider, challenge):
        testing.add_member(challenge, outsider, status="pending")
        with watched(as_outsider):
            edit(staff, challenge, name="April")
        assert names(as_outsider) == ["April"]

    def test_a_private_one_leaves_the_public_pages_in_the_cache(self, staff, as_outsider, challenge):
        everything(as_outsider)
        edit(staff, challenge, name="April")
        assert is_warm(as_outsider, DISCOVER)

    @pytest.mark.parametrize("changes", [{}, {"max_members": 1}, {"name": ""}], ids=str)
    def test_what_changes_nothing_expires_nothing(self, staff, everybody, public, changes):
        for api in everybody:
            everything(api)
        edit(staff, public, **changes)
        assert all(is_warm(api, "/challenges") and is_warm(api, DISCOVER) for api in everybody)


class TestHabits:
    def test_it_works(self, staff, as_owner, as_member):
        habit = testing.HABITS[0]
        with watched(as_owner, as_member):
            staff.post(f"{HABITS}{habit}/change/", {"name": "Drink more", "icon": "💧", "category": "health"})
        assert Habit.objects.get(pk=habit).name == "Drink more"
        assert as_member.get("/habits").json()[0]["name"] == "Drink more"

    def test_a_new_one_is_everybodys_at_once(self, staff, as_owner, as_member):
        with watched(as_owner, as_member):
            staff.post(f"{HABITS}add/", {"name": "Sleep early", "icon": "🌙", "category": "health"})
        for api in (as_owner, as_member):
            assert "Sleep early" in [habit["name"] for habit in api.get("/habits").json()]

    def test_its_name_in_one_challenge_is_fresh(self, staff, as_owner, challenge):
        link = ChallengeHabit.objects.filter(challenge=challenge).first()
        as_owner.get(f"/challenges/{challenge.id}")
        staff.post(f"{LINKS}{link.pk}/change/", {"custom_name": "Stretch"})
        shown = as_owner.get(f"/challenges/{challenge.id}").json()["habits"]
        assert "Stretch" in str(shown)


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
class TestRace:
    def test_who_joins_meanwhile_reads_the_new_name(self, staff, owner, outsider):
        """Both hold the challenge's lock, one after the other: whoever is second sees what the first has done."""
        api = testing.Api(outsider)
        for round in range(4):
            challenge = testing.make_challenge(owner, is_public=True, name="March", max_members=9)
            everything(api)
            join = partial(api.post, f"/challenges/{challenge.id}/join")
            change = partial(edit, staff, challenge, name=f"April {round}")
            assert [answer.status_code for answer in at_once(join, change)] == [200, 302]
            assert Membership.objects.filter(challenge=challenge, user=outsider).exists()
            assert names(api)[0] == names(api, DISCOVER)[0] == f"April {round}"
