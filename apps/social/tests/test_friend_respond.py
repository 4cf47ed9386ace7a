"""POST /friends/requests/{friendship_id}/respond"""

import pytest

from apps import testing
from apps.accounts.tests.people import outcome, violations
from apps.core import clock
from apps.notifications.models import Notification
from apps.social.models import Friendship

pytestmark = pytest.mark.django_db

NOON = testing.NOON
UNKNOWN, NOT_YOURS, TOO_LATE = (404, "friendship_not_found"), (403, "not_addressee"), (400, "request_not_pending")
ACTIONS = {"accept": "accepted", "reject": "rejected", "block": "blocked"}


def respond(api, row, action="accept"):
    return api.post(f"/friends/requests/{row.pk}/respond", {"action": action})


@pytest.fixture
def request_(owner, member):
    """Of the owner to the member."""
    return testing.make_friendship(owner, member, "pending", created_at=NOON, updated_at=NOON)


class TestAnswers:
    @pytest.mark.parametrize("action", ACTIONS)
    def test_it_works(self, as_member, owner, member, request_, action):
        later = NOON.replace(hour=18)
        with clock.standing_at(later):
            response = respond(as_member, request_, action)
        assert (response.status_code, response.json()) == (
            200,
            {
                "id": str(request_.id),
                "requester_id": str(owner.id),
                "addressee_id": str(member.id),
                "status": ACTIONS[action],
                "created_at": "2026-03-02T12:00:00Z",
                "updated_at": "2026-03-02T18:00:00Z",
            },
        )
        row = Friendship.objects.get()
        assert (row.status, row.accepted_at) == (ACTIONS[action], later if action == "accept" else None)
        assert (row.created_at, row.updated_at) == (NOON, later)

    def test_the_requester_is_told_of_a_yes(self, as_member, owner, member, request_):
        respond(as_member, request_)
        told = Notification.objects.get()
        assert (told.user_id, told.type, told.title, told.action_url, told.dedupe_key) == (
            *(owner.id, "friend_accepted", "Friend request accepted", None, None),
        )
        assert told.body == "Max accepted your friend request."
        assert told.data == {"friendship_id": str(request_.id), "user_id": str(member.id)}

    @pytest.mark.parametrize("action", ["reject", "block"])
    def test_nobody_is_told_of_a_no(self, as_member, request_, action):
        respond(as_member, request_, action)
        assert not Notification.objects.exists()

    def test_after_a_rejection_and_a_new_request_the_other_answers(self, as_owner, as_member, owner, request_):
        respond(as_member, request_, "reject")
        as_member.post("/friends/request", {"addressee_id": str(owner.pk)})
        assert outcome(respond(as_member, request_)) == NOT_YOURS
        assert respond(as_owner, request_).json()["status"] == "accepted"


class TestRefusal:
    @pytest.mark.parametrize("action", ACTIONS)
    @pytest.mark.parametrize("status", ["accepted", "rejected", "blocked"])
    def test_a_request_is_answered_once(self, as_member, request_, status, action):
        Friendship.objects.update(status=status)
        answer = respond(as_member, request_, action)
        assert outcome(answer) == TOO_LATE
        assert answer.json()["detail"] == f"This request is no longer pending: it is already {status}."
        assert Friendship.objects.get().status == status

    @pytest.mark.parametrize("status", ["pending", "accepted", "rejected", "blocked"])
    def test_only_the_addressee_answers__hc26(self, as_owner, as_outsider, request_, status):
        """The requester and strangers are told the same, whatever became of the request."""
        Friendship.objects.update(status=status)
        for action in ACTIONS:
            assert outcome(respond(as_owner, request_, action)) == NOT_YOURS
            assert outcome(respond(as_outsider, request_, action)) == NOT_YOURS
        assert Friendship.objects.get().status == status

    @pytest.mark.parametrize("id", ["00000000-0000-0000-0000-000000000000", "abc", "9" * 5000, "-1"])
    def test_an_unknown_one_is_not_found__hc1(self, as_member, request_, id):
        assert outcome(as_member.post(f"/friends/requests/{id}/respond", {"action": "accept"})) == UNKNOWN

    @pytest.mark.parametrize("action", [None, 1, "", "Accept", "accepted", "delete", ["accept"]])
    def test_it_knows_three_answers__hc10(self, as_member, request_, action):
        kind = "null" if action is None else "invalid_choice"
        answer = as_member.post(f"/friends/requests/{request_.pk}/respond", {"action": action})
        assert violations(answer) == [("action", kind)]
        assert Friendship.objects.get().status == "pending"

    def test_what_is_invalid_comes_before_what_is_missing(self, as_member):
        assert violations(as_member.post("/friends/requests/abc/respond", {})) == [("action", "required")]
