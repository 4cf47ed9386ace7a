"""Asking, answering and removing at once, with real threads: as if one came after the other."""

import pytest

from apps import testing
from apps.accounts.tests.people import at_once
from apps.notifications.models import Notification
from apps.social.models import Friendship

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

ROUNDS = 10
ANSWERS = {"accept": "accepted", "reject": "rejected", "block": "blocked"}


def asking(api, user):
    return lambda: api.post("/friends/request", {"addressee_id": str(user.pk)})


def answering(api, row, action):
    return lambda: api.post(f"/friends/requests/{row.pk}/respond", {"action": action})


def removing(api, user):
    return lambda: api.delete(f"/friends/{user.pk}")


def told(answers) -> list[tuple]:
    return sorted((answer.status_code, answer.json().get("code")) for answer in answers)


def begin(*row, **columns):
    """Nothing between anybody but this."""
    Friendship.objects.all().delete()
    Notification.objects.all().delete()
    testing.forget()
    return testing.make_friendship(*row, **columns) if row else None


def friends(api) -> int:
    return api.get("/users/me").json()["stats"]["friend_count"]


class TestRequests:
    @pytest.mark.parametrize("before", [None, "rejected"])
    def test_of_two_that_cross_one_is_made__hc34(self, as_owner, as_member, owner, member, before):
        for _ in range(ROUNDS):
            begin(*((owner, member, before) if before else ()))
            answers = at_once(asking(as_owner, member), asking(as_member, owner))
            assert told(answers) == [(201, None), (400, "request_exists")]
            made = next(answer.json() for answer in answers if answer.status_code == 201)
            row = Friendship.objects.get()
            assert (str(row.id), row.status, str(row.requester_id)) == (made["id"], "pending", made["requester_id"])
            assert Notification.objects.get().user_id == row.addressee_id

    def test_ten_equal_ones_are_one(self, as_owner, member):
        for _ in range(3):
            begin()
            answers = at_once(*[asking(as_owner, member)] * 10)
            assert told(answers) == [(201, None)] + [(400, "request_exists")] * 9
            assert Friendship.objects.count() == Notification.objects.count() == 1


class TestAnswers:
    @pytest.mark.parametrize("other", ["block", "reject", "accept"])
    def test_of_two_at_once_one_wins__hc34(self, as_owner, as_member, owner, member, other):
        for _ in range(ROUNDS):
            row = begin(owner, member, "pending")
            assert friends(as_owner) == 0
            answers = at_once(answering(as_member, row, "accept"), answering(as_member, row, other))
            assert told(answers) == [(200, None), (400, "request_not_pending")]
            won = next(answer.json()["status"] for answer in answers if answer.status_code == 200)
            stored = Friendship.objects.get()
            assert (stored.status, stored.accepted_at is not None) == (won, won == "accepted")
            assert Notification.objects.count() == (won == "accepted")
            assert friends(as_owner) == (won == "accepted")

    @pytest.mark.parametrize("action", ANSWERS)
    def test_an_answer_against_a_withdrawal(self, as_owner, as_member, owner, member, action):
        """A withdrawal that comes first leaves nothing to answer; one that comes after a block finds nothing."""
        for _ in range(ROUNDS):
            row = begin(owner, member, "pending")
            assert friends(as_owner) == 0
            answered, withdrawn = at_once(answering(as_member, row, action), removing(as_owner, member))
            assert answered.status_code in (200, 404)
            if answered.status_code == 404:
                assert (withdrawn.status_code, Friendship.objects.exists()) == (200, False)
            else:
                assert withdrawn.status_code == (404 if action == "block" else 200)
                assert list(Friendship.objects.values_list("status", flat=True)) == ["blocked"] * (action == "block")
            assert friends(as_owner) == 0

    def test_an_answer_against_a_request_of_the_other_direction(self, as_owner, as_member, owner, member):
        for _ in range(ROUNDS):
            row = begin(owner, member, "pending")
            answered, asked = at_once(answering(as_member, row, "reject"), asking(as_member, owner))
            assert answered.status_code == 200
            assert told([asked]) in ([(400, "request_exists")], [(201, None)])
            stored = Friendship.objects.get()
            expected = ("pending", member.pk) if asked.status_code == 201 else ("rejected", owner.pk)
            assert (stored.status, stored.requester_id) == expected


class TestRemovals:
    def test_of_two_at_once_one_finds_it(self, as_owner, as_member, owner, member):
        for _ in range(ROUNDS):
            begin(owner, member)
            answers = at_once(removing(as_owner, member), removing(as_member, owner))
            assert told(answers) == [(200, None), (404, "friendship_not_found")]
            assert not Friendship.objects.exists()

    def test_a_removal_against_a_new_request(self, as_owner, as_member, owner, member):
        for _ in range(ROUNDS):
            begin(owner, member)
            removed, asked = at_once(removing(as_owner, member), asking(as_member, owner))
            assert removed.status_code == 200
            assert told([asked]) in ([(400, "already_friends")], [(400, "request_exists")], [(201, None)])
            assert Friendship.objects.count() == (asked.status_code == 201)
