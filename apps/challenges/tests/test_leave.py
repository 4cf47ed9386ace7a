import pytest

from apps import testing
from apps.accounts.tests.people import outcome
from apps.challenges.models import Challenge, Membership
from apps.challenges.tests.steps import (
    NOBODY,
    admin_of,
    assert_counts_are_exact,
    membership,
    people,
    stored,
    told,
)
from apps.core import clock
from apps.core.clock import DAY
from apps.notifications.models import Notification

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

TODAY = testing.NOON


@pytest.fixture
def path(challenge):
    return f"/challenges/{challenge.id}/leave"


class TestLeave:
    def test_it_works(self, as_member, member, challenge, path):
        with clock.standing_at(TODAY + DAY / 24 / 60):
            response = as_member.post(path)
        assert (response.status_code, response.json()) == (200, {"message": "Successfully left the challenge."})
        mine = membership(challenge, member)
        assert (mine.status, mine.left_at) == ("left", TODAY + DAY / 24 / 60)
        assert (stored(challenge).member_count, stored(challenge).updated_at) == (1, mine.left_at)
        assert as_member.get("/challenges").json()["total"] == 0
        assert_counts_are_exact()

    def test_it_tells_the_creator(self, as_member, owner, member, challenge, path):
        Challenge.objects.update(name="March moves")
        as_member.post(path)
        assert told(owner) == [("member_left", "Member left", "Max left your challenge 'March moves'.")]
        row = Notification.objects.get()
        ids = {"challenge_id": str(challenge.id), "user_id": str(member.id)}
        assert row.data == ids | {"challenge_name": "March moves"}
        assert (row.action_url, row.dedupe_key) == (f"/challenges/{challenge.id}", None)

    def test_it_keeps_statistics(self, as_member, member, challenge, path):
        kept = {"total_checkins": 5, "points_earned": 60, "current_streak": 3, "hitch_count": 1}
        Membership.objects.filter(user=member).update(**kept)
        as_member.post(path)
        assert Membership.objects.filter(user=member, **kept).exists()

    def test_an_admin_leaves_as_anybody(self, challenge, path):
        assert testing.Api(admin_of(challenge)).post(path).status_code == 200

    def test_a_pending_member_leaves_without_freeing_a_place(self, as_outsider, outsider, challenge, path):
        testing.add_member(challenge, outsider, status="pending")
        assert as_outsider.post(path).status_code == 200
        assert (membership(challenge, outsider).status, stored(challenge).member_count) == ("left", 2)

    @pytest.mark.parametrize("status", ["completed", "failed", "archived"])
    def test_a_closed_challenge_can_be_left(self, as_member, path, status):
        Challenge.objects.update(status=status)
        assert as_member.post(path).status_code == 200

    def test_the_creator_stays(self, as_owner, challenge, path):
        assert outcome(as_owner.post(path)) == (400, "creator_cannot_leave")
        assert stored(challenge).member_count == 2

    def test_nobody_leaves_twice(self, as_member, owner, path):
        as_member.post(path)
        assert outcome(as_member.post(path)) == (400, "already_left")
        assert len(told(owner)) == 1
        assert_counts_are_exact()

    def test_who_was_kicked_is_told_so(self, as_outsider, outsider, challenge, path):
        testing.add_member(challenge, outsider, status="kicked")
        assert outcome(as_outsider.post(path)) == (403, "kicked")
        assert membership(challenge, outsider).status == "kicked"

    def test_strangers_have_nothing_to_leave(self, as_outsider, anonymous, path):
        assert outcome(as_outsider.post(path)) == (403, "not_a_member")
        Challenge.objects.update(is_public=True)
        assert outcome(as_outsider.post(path)) == (403, "not_a_member")
        assert outcome(as_outsider.post(f"/challenges/{NOBODY}/leave")) == (404, "challenge_not_found")
        assert outcome(anonymous.post(path)) == (401, "authentication_required")

    @pytest.mark.parametrize("count", [2, 20])
    def test_it_costs_five_queries_cold_and_four_warm(self, as_member, owner, member, count, django_assert_num_queries):
        for queries in testing.cold_then_warm(as_member, 5, 4):
            challenge = testing.make_challenge(owner, member, *people(count), max_members=50)
            with django_assert_num_queries(queries):
                assert as_member.post(f"/challenges/{challenge.id}/leave").status_code == 200
