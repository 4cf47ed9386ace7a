"""POST /friends/request"""

from datetime import timedelta

import pytest

from apps import testing
from apps.accounts.models import User
from apps.accounts.tests.people import outcome, violations
from apps.core import clock
from apps.notifications.models import Notification
from apps.social.models import Friendship

pytestmark = pytest.mark.django_db

NOON = testing.NOON
UNKNOWN, REFUSED = (404, "user_not_found"), (403, "request_refused")
FRIENDS, EXISTS = (400, "already_friends"), (400, "request_exists")


def ask(api, user):
    return api.post("/friends/request", {"addressee_id": str(user.pk)})


class TestRequest:
    def test_it_works(self, as_owner, owner, member):
        with clock.standing_at(NOON):
            response = ask(as_owner, member)
        row = Friendship.objects.get()
        assert (response.status_code, response.json()) == (
            201,
            {
                "id": str(row.id),
                "requester_id": str(owner.id),
                "addressee_id": str(member.id),
                "status": "pending",
                "created_at": "2026-03-02T12:00:00Z",
                "updated_at": "2026-03-02T12:00:00Z",
            },
        )
        assert (row.requester_id, row.addressee_id, row.status, row.accepted_at) == (
            *(owner.id, member.id, "pending", None),
        )

    def test_it_tells_the_addressee(self, as_owner, owner, member):
        id = ask(as_owner, member).json()["id"]
        told = Notification.objects.get()
        assert (told.user_id, told.type, told.title, told.action_url, told.dedupe_key) == (
            *(member.id, "friend_request", "New friend request", None, None),
        )
        assert told.body == "Olga sent you a friend request."
        assert told.data == {"friendship_id": id, "requester_id": str(owner.id)}

    def test_a_name_as_long_as_may_be_is_told_whole(self, as_owner, owner, member):
        User.objects.filter(pk=owner.pk).update(display_name="x" * 50)
        ask(as_owner, member)
        assert Notification.objects.get().body == "x" * 50 + " sent you a friend request."

    def test_people_may_ask_many_and_be_asked_by_many(self, as_owner, as_outsider, member, outsider, owner):
        answers = [ask(as_owner, member), ask(as_owner, outsider), ask(as_outsider, member)]
        assert [answer.status_code for answer in answers] == [201] * 3

    @pytest.mark.parametrize("asks_again", ["owner", "member"])
    def test_after_a_rejection_either_may_ask_again(self, owner, member, asks_again):
        """The row is used again, and says who asks whom from now on."""
        long_ago = NOON - timedelta(days=9)
        old = testing.make_friendship(owner, member, "rejected", created_at=long_ago)
        asking, asked = (owner, member) if asks_again == "owner" else (member, owner)
        with clock.standing_at(NOON):
            response = ask(testing.Api(asking), asked)
        assert (response.status_code, response.json()["id"]) == (201, str(old.id))
        row = Friendship.objects.get()
        assert (row.requester_id, row.addressee_id, row.status) == (asking.id, asked.id, "pending")
        assert (row.created_at, row.updated_at, row.accepted_at) == (NOON, NOON, None)
        assert Notification.objects.get().user_id == asked.id


class TestRefusal:
    @pytest.mark.parametrize(("status", "expected"), [("pending", EXISTS), ("accepted", FRIENDS), ("blocked", REFUSED)])
    def test_it_refuses_both_of_them(self, as_owner, as_member, owner, member, status, expected):
        testing.make_friendship(owner, member, status)
        before = Friendship.objects.values().get()
        assert outcome(ask(as_owner, member)) == expected
        assert outcome(ask(as_member, owner)) == expected
        assert Friendship.objects.values().get() == before
        assert not Notification.objects.exists()

    def test_it_says_what_the_contract_says(self, as_owner, owner, member):
        testing.make_friendship(owner, member, "pending")
        assert ask(as_owner, member).json()["detail"] == "A friend request already exists."
        assert ask(as_owner, owner).json()["detail"] == "You cannot send a friend request to yourself."
        Friendship.objects.update(status="accepted")
        assert ask(as_owner, member).json()["detail"] == "You are already friends."
        Friendship.objects.update(status="blocked")
        assert ask(as_owner, member).json()["detail"] == "You cannot send a friend request to this user."

    def test_nobody_asks_oneself(self, as_owner, owner):
        assert outcome(ask(as_owner, owner)) == (400, "self_request")

    def test_nobody_asks_the_unknown(self, as_owner):
        answer = as_owner.post("/friends/request", {"addressee_id": "00000000-0000-0000-0000-000000000000"})
        assert outcome(answer) == UNKNOWN

    @pytest.mark.parametrize("status", [None, "pending", "rejected", "accepted", "blocked"])
    def test_a_deactivated_account_is_as_unknown_whatever_was_before(self, as_owner, owner, member, status):
        if status:
            testing.make_friendship(owner, member, status)
        User.objects.filter(pk=member.pk).update(is_active=False)
        assert outcome(ask(as_owner, member)) == UNKNOWN

    @pytest.mark.parametrize("value", [None, 1, "", "abc", ["x"], "{00000000-0000-0000-0000-000000000000}"])
    def test_it_takes_an_id__hc10(self, as_owner, value):
        answer = as_owner.post("/friends/request", {"addressee_id": value})
        assert violations(answer) == [("addressee_id", "null" if value is None else "invalid")]
        assert violations(as_owner.post("/friends/request", {})) == [("addressee_id", "required")]

    def test_it_ignores_everything_else__hc14(self, as_owner, owner, member, outsider):
        extra = {"status": "accepted", "requester_id": str(outsider.pk), "accepted_at": "2026-03-02T12:00:00Z"}
        answer = as_owner.post("/friends/request", {"addressee_id": str(member.pk)} | extra)
        assert answer.json()["status"] == "pending"
        row = Friendship.objects.get()
        assert (row.requester_id, row.status, row.accepted_at) == (owner.pk, "pending", None)
