"""What a friendship opens and a block hides elsewhere: profiles, search, counts (contract 3.10, 3.12)."""

import pytest

from apps import testing
from apps.accounts.models import User
from apps.accounts.tests.people import outcome
from apps.profiling.tests.counting import counting

pytestmark = pytest.mark.django_db

PRIVATE = (403, "profile_private")
STATUSES = ("pending", "accepted", "rejected", "blocked")


def look(viewer, user):
    response = testing.Api(viewer).get(f"/users/{user.pk}")
    return 200 if response.status_code == 200 else outcome(response)


def search(viewer, text):
    response = testing.Api(viewer).get("/users/search", {"q": text})
    assert response.status_code == 200
    return {row["display_name"]: (row["is_friend"], row["friendship_status"]) for row in response.json()}


class TestProfiles:
    @pytest.mark.parametrize("status", STATUSES)
    def test_friends_see_each_other(self, owner, member, status):
        testing.make_friendship(owner, member, status)
        expected = 200 if status == "accepted" else PRIVATE
        assert (look(owner, member), look(member, owner)) == (expected, expected)

    @pytest.mark.parametrize("status", STATUSES)
    def test_a_block_hides_both_even_in_a_shared_challenge(self, owner, member, challenge, status):
        testing.make_friendship(owner, member, status)
        expected = PRIVATE if status == "blocked" else 200
        assert (look(owner, member), look(member, owner)) == (expected, expected)

    def test_it_is_about_these_two(self, owner, member, outsider, challenge):
        testing.make_friendship(owner, outsider)
        testing.make_friendship(member, outsider, "blocked")
        assert (look(owner, outsider), look(outsider, member), look(owner, member)) == (200, PRIVATE, 200)

    def test_one_sees_oneself_whoever_blocks(self, owner, member):
        testing.make_friendship(owner, member, "blocked")
        assert (look(owner, owner), look(member, member)) == (200, 200)

    def test_a_block_does_not_tell_itself_from_a_stranger(self, owner, member, outsider):
        testing.make_friendship(owner, member, "blocked")
        answers = [testing.Api(viewer).get(f"/users/{member.pk}").json() for viewer in (owner, outsider)]
        assert answers[0] == answers[1]

    def test_a_deactivated_friend_is_unknown(self, owner, member):
        testing.make_friendship(owner, member)
        User.objects.filter(pk=member.pk).update(is_active=False)
        assert look(owner, member) == (404, "user_not_found")


class TestSearch:
    @pytest.mark.parametrize("status", STATUSES[:3])
    def test_it_shows_what_the_two_are(self, owner, member, status):
        testing.make_friendship(owner, member, status)
        assert search(owner, "Max") == {"Max": (status == "accepted", status)}
        assert search(member, "Olga") == {"Olga": (status == "accepted", status)}

    def test_strangers_are_nothing_to_each_other(self, owner, member, outsider):
        testing.make_friendship(member, outsider)
        assert search(owner, "Max") == {"Max": (False, None)}

    @pytest.mark.parametrize("text", ["Max", "Ma", "{email}"])
    def test_who_blocks_is_missing_for_the_blocked_only(self, owner, member, outsider, text):
        testing.make_friendship(owner, member, "blocked")
        assert search(owner, text.format(email=member.email)) == {}
        assert search(outsider, text.format(email=member.email)) == {"Max": (False, None)}

    def test_who_blocks_sees_whom(self, owner, member):
        testing.make_friendship(owner, member, "blocked")
        assert search(member, "Olga") == {"Olga": (False, "blocked")}

    def test_a_full_page_is_full_beside_the_hidden(self, owner):
        for number in range(5):
            hidden = testing.make_user(f"Anna {number}")
            testing.make_friendship(owner, hidden, "blocked")
            testing.make_user(f"Anna {number} too")
        response = testing.Api(owner).get("/users/search", {"q": "Anna", "limit": 3})
        assert [row["display_name"] for row in response.json()] == ["Anna 4 too", "Anna 3 too", "Anna 2 too"]


class TestCounts:
    def test_it_works(self, owner, member, outsider):
        """Accepted friendships, whoever asked."""
        testing.make_friendship(owner, member)
        testing.make_friendship(outsider, owner)
        testing.make_friendship(owner, testing.make_user(), "pending")
        testing.make_friendship(testing.make_user(), owner, "rejected")
        testing.make_friendship(testing.make_user(), owner, "blocked")
        api = testing.Api(owner)
        assert api.get("/users/me/stats").json()["friend_count"] == 2
        assert api.get("/users/me").json()["stats"]["friend_count"] == 2
        assert api.get(f"/users/{member.pk}").json()["stats"]["friend_count"] == 1
        assert api.patch("/users/me", {"bio": "Hi"}).json()["stats"]["friend_count"] == 2
        assert api.get("/friends").json()["total"] == 2

    def test_it_comes_without_a_statement_of_its_own(self, owner, member):
        testing.make_friendship(owner, member)
        with counting() as cost:
            assert testing.Api(owner).get("/users/me/stats").status_code == 200
        assert len([sql for sql in cost.statements if sql.startswith("SELECT")]) == 2
