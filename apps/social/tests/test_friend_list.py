"""GET /friends"""

from datetime import UTC, date, datetime, timedelta

import pytest

from apps import testing
from apps.accounts.models import User
from apps.accounts.tests.people import violations
from apps.challenges.models import Challenge
from apps.core import clock

pytestmark = pytest.mark.django_db

NOON = testing.NOON
HOUR = timedelta(hours=1)


def names(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["display_name"] for row in response.json()["friends"]]


def crowd(owner, count, **columns):
    """So many friends of the owner, the last the newest; every second of them asked."""
    for number in range(count):
        pair = (owner, testing.make_user(f"friend {number:02}"))
        at = NOON + number * HOUR
        testing.make_friendship(*(pair if number % 2 else reversed(pair)), accepted_at=at, **columns)


class TestFriends:
    def test_it_works(self, as_owner, owner, member):
        User.objects.filter(pk=member.pk).update(bio="Hi", points=40, avatar_url="https://example.com/a.png")
        row = testing.make_friendship(member, owner, accepted_at=NOON)
        assert as_owner.get("/friends").json() == {
            "friends": [
                {
                    "id": str(member.id),
                    "display_name": "Max",
                    "avatar_url": "https://example.com/a.png",
                    "bio": "Hi",
                    "current_streak": 0,
                    "points": 40,
                    "active_challenges": 0,
                    "friendship_id": str(row.id),
                    "friendship_status": "accepted",
                    "became_friends_at": "2026-03-02T12:00:00Z",
                }
            ],
            "total": 1,
        }

    def test_each_sees_the_other(self, as_owner, as_member, owner, member):
        testing.make_friendship(owner, member)
        assert (names(as_owner.get("/friends")), names(as_member.get("/friends"))) == (["Max"], ["Olga"])

    def test_who_has_none_sees_none(self, as_outsider, owner, member):
        testing.make_friendship(owner, member)
        assert as_outsider.get("/friends").json() == {"friends": [], "total": 0}

    def test_it_counts_the_running_challenges_of_the_friend(self, as_owner, owner, member, outsider):
        testing.make_friendship(owner, member)
        testing.make_challenge(member)
        testing.make_challenge(outsider, member)
        testing.make_challenge(owner)
        for status in ("pending", "completed", "failed", "archived"):
            testing.make_challenge(member, status=status)
        gone = testing.make_challenge(outsider)
        testing.add_member(gone, member, status="left")
        assert as_owner.get("/friends").json()["friends"][0]["active_challenges"] == 2
        Challenge.objects.update(status="completed")
        assert as_owner.get("/friends").json()["friends"][0]["active_challenges"] == 0

    def test_it_shows_the_streak_of_the_friends_own_day(self, owner, member):
        """At the first instant it is still 2 March for the friend."""
        testing.make_friendship(owner, member)
        stored = {"current_streak": 5, "last_checkin_date": date(2026, 3, 1), "timezone": "America/New_York"}
        User.objects.filter(pk=member.pk).update(**stored)
        for instant, shown in ((datetime(2026, 3, 3, 4, tzinfo=UTC), 5), (datetime(2026, 3, 3, 6, tzinfo=UTC), 0)):
            with clock.standing_at(instant):
                assert testing.Api(owner).get("/friends").json()["friends"][0]["current_streak"] == shown

    def test_the_newest_friendship_comes_first(self, as_owner, owner):
        """By acceptance, whenever it was asked; then by id."""
        people = [testing.make_user(name) for name in ("first", "second", "third")]
        for number, person in enumerate(people):
            at = NOON + HOUR * (number > 0)
            testing.make_friendship(owner, person, accepted_at=at, created_at=NOON - number * HOUR)
        assert names(as_owner.get("/friends")) == ["third", "second", "first"]


class TestStatus:
    @pytest.fixture(autouse=True)
    def of_every_kind(self, owner):
        """A friendship of each status that the owner asked for, and one that the owner was asked for."""
        for number, status in enumerate(("accepted", "pending", "rejected", "blocked")):
            at = {"created_at": NOON + number * HOUR}
            accepted = {"accepted_at": NOON + 9 * HOUR} if status == "accepted" else {}
            testing.make_friendship(owner, testing.make_user(f"{status} by them"), status, **at, **accepted)
            testing.make_friendship(testing.make_user(f"{status} by me"), owner, status, **at, **accepted)

    @pytest.mark.parametrize("query", [None, {"status_filter": "accepted"}, {"status_filter": ""}])
    def test_accepted_is_the_default(self, as_owner, query):
        assert names(as_owner.get("/friends", query)) == ["accepted by me", "accepted by them"]

    def test_pending_has_requests_of_both_directions(self, as_owner):
        response = as_owner.get("/friends", {"status_filter": "pending"})
        assert names(response) == ["pending by me", "pending by them"]
        assert {row["became_friends_at"] for row in response.json()["friends"]} == {None}

    def test_all_has_everything_but_the_blocks_that_hit_me(self, as_owner):
        """Accepted ones by acceptance, others by request, newest first."""
        response = as_owner.get("/friends", {"status_filter": "all"})
        assert names(response) == [
            *("accepted by me", "accepted by them", "blocked by me"),
            *("rejected by me", "rejected by them", "pending by me", "pending by them"),
        ]
        assert response.json()["total"] == 7
        assert [row["friendship_status"] for row in response.json()["friends"]][1:4] == [
            *("accepted", "blocked", "rejected"),
        ]

    def test_who_is_blocked_sees_nothing_of_it(self, owner):
        blocked = User.objects.get(display_name="blocked by me")
        for status in ("all", "pending", "accepted"):
            answer = testing.Api(blocked).get("/friends", {"status_filter": status})
            assert answer.json() == {"friends": [], "total": 0}

    @pytest.mark.parametrize("value", ["rejected", "blocked", "ALL", "%00"])
    def test_it_knows_no_other(self, as_owner, value):
        assert violations(as_owner.get(f"/friends?status_filter={value}"))[0][0] == "status_filter"


class TestPages:
    def test_it_works(self, as_owner, owner):
        crowd(owner, 5)
        response = as_owner.get("/friends", {"page": 2, "limit": 2})
        assert (names(response), response.json()["total"]) == (["friend 02", "friend 01"], 5)

    def test_it_has_a_hundred_by_default(self, as_owner, owner):
        crowd(owner, 101)
        response = as_owner.get("/friends")
        assert (len(names(response)), response.json()["total"]) == (100, 101)
        assert names(as_owner.get("/friends?page=2")) == ["friend 00"]

    @pytest.mark.parametrize(("number", "queries"), [(1, 3), (9, 2)])
    def test_a_page_past_the_end_costs_no_row_query(self, as_owner, owner, number, queries, django_assert_num_queries):
        crowd(owner, 3)
        with django_assert_num_queries(queries):
            assert as_owner.get("/friends", {"page": number}).json()["total"] == 3

    @pytest.mark.parametrize("query", ["page=0", "page=x", "limit=0", "limit=101", "limit=-1", "page=%00"])
    def test_it_refuses_what_is_no_page__hc2(self, as_owner, query):
        assert violations(as_owner.get(f"/friends?{query}"))[0][0] == query.split("=")[0]
