"""Nobody reads something older than an answer that was already given (contract 3.13)."""

import pytest

from apps import testing
from apps.core.tests.freshness import is_warm, watched
from apps.social.models import Friendship

pytestmark = pytest.mark.django_db


def friends(api):
    return api.get("/users/me/stats").json()["friend_count"]


class TestWrites:
    def test_an_accepted_request_counts_at_once_for_both(self, as_owner, as_member, owner, member):
        row = testing.make_friendship(owner, member, "pending")
        with watched(as_owner, as_member):
            assert as_member.post(f"/friends/requests/{row.pk}/respond", {"action": "accept"}).status_code == 200
        assert (friends(as_owner), friends(as_member)) == (1, 1)

    def test_a_removed_friend_is_gone_at_once_for_both(self, as_owner, as_member, owner, member):
        testing.make_friendship(owner, member)
        with watched(as_owner, as_member):
            assert as_owner.delete(f"/friends/{member.pk}").status_code == 200
        assert (friends(as_owner), friends(as_member)) == (0, 0)

    def test_a_request_is_told_at_once(self, as_owner, as_member, member):
        with watched(as_owner, as_member):
            as_owner.post("/friends/request", {"addressee_id": str(member.pk)})
        assert as_member.get("/notifications/unread/count").json() == {"count": 1}

    def test_a_block_hides_at_once(self, as_owner, as_member, owner, member, challenge):
        """Who may look is never cached."""
        row = testing.make_friendship(owner, member, "pending")
        with watched(as_owner, as_member):
            as_member.post(f"/friends/requests/{row.pk}/respond", {"action": "block"})
        assert as_owner.get(f"/users/{member.pk}").status_code == 403


class TestWhatStays:
    def test_a_request_expires_nothing_but_the_inbox(self, as_owner, as_member, member):
        for api in (as_owner, as_member):
            api.get("/users/me")
        assert as_owner.post("/friends/request", {"addressee_id": str(member.pk)}).status_code == 201
        assert is_warm(as_owner, "/users/me") and is_warm(as_member, "/users/me")

    @pytest.mark.parametrize("action", ["reject", "block"])
    def test_a_no_expires_nothing(self, as_owner, as_member, owner, member, action):
        row = testing.make_friendship(owner, member, "pending")
        for api in (as_owner, as_member):
            api.get("/users/me")
        as_member.post(f"/friends/requests/{row.pk}/respond", {"action": action})
        assert is_warm(as_owner, "/users/me") and is_warm(as_member, "/users/me")

    @pytest.mark.parametrize("status", ["pending", "rejected"])
    def test_a_request_that_is_taken_back_expires_nothing(self, as_owner, as_member, owner, member, status):
        testing.make_friendship(owner, member, status)
        for api in (as_owner, as_member):
            api.get("/users/me")
        assert as_owner.delete(f"/friends/{member.pk}").status_code == 200
        assert is_warm(as_owner, "/users/me") and is_warm(as_member, "/users/me")

    def test_what_is_refused_expires_nothing(self, as_owner, as_member, owner, member):
        row = testing.make_friendship(owner, member)
        for api in (as_owner, as_member):
            api.get("/users/me")
        assert as_member.post(f"/friends/requests/{row.pk}/respond", {"action": "accept"}).status_code == 400
        Friendship.objects.update(status="blocked")
        assert as_owner.delete(f"/friends/{member.pk}").status_code == 404
        assert is_warm(as_owner, "/users/me") and is_warm(as_member, "/users/me")
