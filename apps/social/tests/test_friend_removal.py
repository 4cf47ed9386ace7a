"""DELETE /friends/{user_id}"""

import pytest

from apps import testing
from apps.accounts.models import User
from apps.accounts.tests.people import outcome
from apps.notifications.models import Notification
from apps.social.models import Friendship

pytestmark = pytest.mark.django_db

UNKNOWN = (404, "friendship_not_found")


def remove(api, user):
    return api.delete(f"/friends/{user.pk}")


class TestRemoval:
    @pytest.mark.parametrize("status", ["accepted", "pending", "rejected"])
    @pytest.mark.parametrize("who", ["owner", "member"])
    def test_it_works(self, owner, member, outsider, status, who):
        """Either may; a request is taken back, or refused without a word."""
        testing.make_friendship(owner, member, status)
        others = testing.make_friendship(owner, outsider, status)
        one, other = (owner, member) if who == "owner" else (member, owner)
        response = remove(testing.Api(one), other)
        assert (response.status_code, response.json()) == (
            200,
            {"success": True, "message": "Friend removed.", "data": None},
        )
        assert list(Friendship.objects.values_list("pk", flat=True)) == [others.pk]
        assert not Notification.objects.exists()

    def test_it_is_gone_for_both(self, as_owner, as_member, owner, member):
        testing.make_friendship(owner, member)
        remove(as_owner, member)
        assert outcome(remove(as_owner, member)) == UNKNOWN
        assert outcome(remove(as_member, owner)) == UNKNOWN

    def test_they_may_begin_anew(self, as_owner, owner, member):
        testing.make_friendship(owner, member)
        remove(as_owner, member)
        assert as_owner.post("/friends/request", {"addressee_id": str(member.pk)}).status_code == 201

    def test_who_blocks_takes_the_block_back(self, as_owner, as_member, owner, member):
        testing.make_friendship(owner, member, "blocked")
        assert remove(as_member, owner).status_code == 200
        assert as_owner.post("/friends/request", {"addressee_id": str(member.pk)}).status_code == 201

    def test_a_deactivated_friend_can_be_removed(self, as_owner, owner, member):
        testing.make_friendship(owner, member)
        User.objects.filter(pk=member.pk).update(is_active=False)
        assert remove(as_owner, member).status_code == 200


class TestRefusal:
    def test_who_is_blocked_is_told_of_nothing(self, as_owner, as_outsider, owner, member):
        """The same answer as to a stranger, and the block stays."""
        testing.make_friendship(owner, member, "blocked")
        blocked, stranger = remove(as_owner, member), remove(as_outsider, member)
        assert outcome(blocked) == UNKNOWN
        assert blocked.content == stranger.content
        assert Friendship.objects.get().status == "blocked"

    def test_nobody_removes_oneself(self, as_owner, owner):
        assert outcome(remove(as_owner, owner)) == (400, "self_removal")

    def test_others_end_nothing__hc26(self, as_outsider, owner, member):
        testing.make_friendship(owner, member)
        assert outcome(remove(as_outsider, owner)) == UNKNOWN
        assert outcome(remove(as_outsider, member)) == UNKNOWN
        assert Friendship.objects.exists()

    def test_the_id_of_a_friendship_is_nobodys(self, as_owner, owner, member):
        assert outcome(remove(as_owner, testing.make_friendship(owner, member))) == UNKNOWN

    @pytest.mark.parametrize("id", ["00000000-0000-0000-0000-000000000000", "abc", "9" * 5000, "%00"])
    def test_an_unknown_one_is_not_found__hc1(self, as_owner, id):
        assert outcome(as_owner.delete(f"/friends/{id}")) == UNKNOWN
