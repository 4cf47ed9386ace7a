from datetime import UTC, date, datetime

import pytest

from apps import testing
from apps.accounts.models import User
from apps.accounts.tests.people import outcome
from apps.challenges.models import Membership
from apps.core import clock
from apps.testing import Api

PRIVATE, UNKNOWN = (403, "profile_private"), (404, "user_not_found")


class TestPublicProfile:
    def test_it_works(self, as_owner, member, challenge):
        User.objects.filter(pk=member.pk).update(bio="Hi", points=20, full_name="Max M.")
        assert as_owner.get(f"/users/{member.id}").json() == {
            "id": str(member.id),
            "display_name": "Max",
            "avatar_url": None,
            "bio": "Hi",
            "stats": {
                "current_streak": 0,
                "longest_streak": 0,
                "total_check_ins": 0,
                "total_challenges_completed": 0,
                "points": 20,
                "active_challenges": 1,
                "friend_count": 0,
            },
            "is_you": False,
        }

    def test_it_knows_you(self, as_owner, owner):
        response = as_owner.get(f"/users/{owner.id}")
        assert (response.status_code, response.json()["is_you"]) == (200, True)

    def test_it_shows_the_streak_of_that_persons_day(self, owner, member, challenge):
        """At this instant it is 3 March for the viewer and still 2 March for the person."""
        User.objects.filter(pk=owner.pk).update(timezone="Asia/Ho_Chi_Minh")
        stored = {"current_streak": 5, "last_checkin_date": date(2026, 3, 1)}
        User.objects.filter(pk=member.pk).update(timezone="America/New_York", **stored)
        with clock.standing_at(datetime(2026, 3, 2, 20, tzinfo=UTC)):
            assert Api(owner).get(f"/users/{member.id}").json()["stats"]["current_streak"] == 5
        with clock.standing_at(datetime(2026, 3, 3, 6, tzinfo=UTC)):
            assert Api(owner).get(f"/users/{member.id}").json()["stats"]["current_streak"] == 0

    @pytest.mark.parametrize("number", [2, 20])
    def test_it_costs_three_queries_cold_and_one_warm(self, as_owner, owner, member, django_assert_num_queries, number):
        for _ in range(number):
            testing.make_challenge(owner, member, testing.make_user())
        for queries in (3, 1):  # who asks, the facts, and each time: may they?
            with django_assert_num_queries(queries):
                assert as_owner.get(f"/users/{member.id}").status_code == 200


class TestPublicProfileAccess:
    def test_it_works__hc26(self, as_owner, as_outsider, owner, member, outsider, challenge):
        assert as_owner.get(f"/users/{member.id}").status_code == 200
        assert outcome(as_owner.get(f"/users/{outsider.id}")) == PRIVATE
        assert outcome(as_outsider.get(f"/users/{owner.id}")) == PRIVATE

    @pytest.mark.parametrize("status", ["pending", "active", "completed", "failed", "archived"])
    def test_it_asks_for_a_common_challenge_of_any_status(self, as_owner, owner, member, status):
        testing.make_challenge(owner, member, status=status)
        assert as_owner.get(f"/users/{member.id}").status_code == 200

    @pytest.mark.parametrize("status", ["pending", "left", "kicked"])
    def test_it_is_closed_unless_both_are_active_members__hc26(
        self, as_owner, as_member, owner, member, challenge, status
    ):
        Membership.objects.filter(challenge=challenge, user=member).update(status=status)
        assert outcome(as_owner.get(f"/users/{member.id}")) == PRIVATE
        assert outcome(as_member.get(f"/users/{owner.id}")) == PRIVATE

    def test_it_is_not_opened_by_different_challenges(self, as_owner, owner, member, outsider):
        testing.make_challenge(owner, outsider)
        testing.make_challenge(member, outsider)
        assert outcome(as_owner.get(f"/users/{member.id}")) == PRIVATE

    def test_it_hides_deactivated_people__hc26(self, as_owner, member, challenge):
        User.objects.filter(pk=member.pk).update(is_active=False)
        assert outcome(as_owner.get(f"/users/{member.id}")) == UNKNOWN

    def test_it_does_not_know_the_unknown(self, as_owner):
        assert outcome(as_owner.get("/users/00000000-0000-0000-0000-000000000000")) == UNKNOWN

    @pytest.mark.parametrize("id", ["9" * 5000, "-1", "abc", "%00", "%D9%A3", "{user}", "meme"])
    def test_it_takes_no_other_ids__hc1(self, as_owner, anonymous, id, django_assert_num_queries):
        with django_assert_num_queries(1):  # the principal
            assert outcome(as_owner.get(f"/users/{id}")) == UNKNOWN
        with django_assert_num_queries(0):
            assert outcome(anonymous.get(f"/users/{id}")) == (401, "authentication_required")

    def test_it_takes_an_id_in_either_case(self, as_owner, member, challenge):
        response = as_owner.get(f"/users/{str(member.id).upper()}")
        assert response.json()["id"] == str(member.id)


class TestStaticPaths:
    @pytest.mark.parametrize(
        ("path", "allowed"),
        [
            ("/users/me", {"GET", "PATCH", "PUT", "HEAD", "OPTIONS"}),
            ("/users/me/stats", {"GET", "HEAD", "OPTIONS"}),
            ("/users/search", {"GET", "HEAD", "OPTIONS"}),
            ("/auth/me", {"GET", "HEAD", "OPTIONS"}),
            ("/auth/verify", {"POST", "OPTIONS"}),
            ("/auth/logout", {"POST", "OPTIONS"}),
            ("/auth/password", {"POST", "OPTIONS"}),
        ],
    )
    def test_it_works__hc20(self, as_owner, anonymous, path, allowed):
        """A method that a static path lacks is 405, never the 404 of the parameter; without a token it is 401."""
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} - allowed:
            response = as_owner.raw(method, path)
            assert outcome(response) == (405, "method_not_allowed")
            assert set(response["Allow"].split(", ")) - {"HEAD"} == allowed - {"HEAD"}
            assert outcome(anonymous.raw(method, path)) == (401, "authentication_required")

    @pytest.mark.parametrize("path", ["/auth/signup", "/auth/login", "/auth/refresh"])
    def test_it_needs_no_token_on_open_paths__hc20(self, anonymous, path):
        for method in ("GET", "PUT", "DELETE"):
            assert outcome(anonymous.raw(method, path)) == (405, "method_not_allowed")
        assert anonymous.options(path).status_code == 204

    @pytest.mark.parametrize("path", ["/users/me", "/users/me/stats", "/users/search?q=olga", "/auth/me"])
    def test_it_takes_a_trailing_slash_and_head(self, as_owner, path):
        head, _, query = path.partition("?")
        assert as_owner.get(f"{head}/?{query}").json() == as_owner.get(path).json()
        response = as_owner.raw("HEAD", path)
        assert (response.status_code, response.content) == (200, b"")
