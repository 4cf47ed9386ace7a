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

pytestmark = pytest.mark.django_db


def remove(manager, challenge, user):
    return testing.Api(manager).delete(f"/challenges/{challenge.id}/members/{user.id}")


class TestRemoval:
    def test_it_works(self, owner, member, challenge):
        response = remove(owner, challenge, member)
        assert (response.status_code, response.content) == (204, b"")
        kicked = membership(challenge, member)
        assert kicked.status == "kicked" and kicked.left_at
        assert stored(challenge).member_count == 1
        assert told(owner) == told(member) == []
        assert_counts_are_exact()

    def test_it_is_final(self, owner, as_member, member, challenge):
        Challenge.objects.update(is_public=True)
        remove(owner, challenge, member)
        for response in (
            as_member.post("/challenges/join", {"invite_code": challenge.invite_code}),
            as_member.post(f"/challenges/{challenge.id}/join"),
            as_member.post(f"/challenges/{challenge.id}/leave"),
        ):
            assert outcome(response) == (403, "kicked")
        assert as_member.get("/challenges").json()["total"] == 0

    def test_it_keeps_statistics(self, owner, member, challenge):
        Membership.objects.filter(user=member).update(points_earned=60, total_checkins=5)
        remove(owner, challenge, member)
        assert (membership(challenge, member).points_earned, membership(challenge, member).total_checkins) == (60, 5)

    def test_a_pending_member_can_be_removed(self, owner, outsider, challenge):
        testing.add_member(challenge, outsider, status="pending")
        assert remove(owner, challenge, outsider).status_code == 204
        assert (membership(challenge, outsider).status, stored(challenge).member_count) == ("kicked", 2)

    def test_an_owner_removes_admins(self, owner, challenge):
        assert remove(owner, challenge, admin_of(challenge)).status_code == 204
        assert_counts_are_exact()

    def test_an_admin_removes_members_only(self, owner, member, challenge):
        admin, other = admin_of(challenge), admin_of(challenge)
        assert outcome(remove(admin, challenge, other)) == (403, "insufficient_role")
        assert outcome(remove(admin, challenge, owner)) == (400, "cannot_remove_creator")
        assert remove(admin, challenge, member).status_code == 204
        assert_counts_are_exact()

    def test_nobody_removes_oneself(self, owner, challenge):
        for manager in (owner, admin_of(challenge)):
            assert outcome(remove(manager, challenge, manager)) == (400, "cannot_remove_self")

    def test_members_remove_nobody(self, owner, member, challenge):
        for target in (owner, member, admin_of(challenge)):
            assert outcome(remove(member, challenge, target)) == (403, "insufficient_role")

    def test_strangers_remove_nobody(self, outsider, anonymous, member, challenge):
        assert outcome(remove(outsider, challenge, member)) == (403, "not_a_member")
        for status in ("left", "kicked"):
            Membership.objects.filter(user=outsider).delete()
            testing.add_member(challenge, outsider, status=status, role="admin")
            assert outcome(remove(outsider, challenge, member)) == (403, "not_a_member")
        path = f"/challenges/{challenge.id}/members/{member.id}"
        assert outcome(anonymous.delete(path)) == (401, "authentication_required")

    @pytest.mark.parametrize("status", ["left", "kicked", None])
    def test_it_knows_present_members_only(self, owner, outsider, challenge, status):
        if status:
            testing.add_member(challenge, outsider, status=status)
        assert outcome(remove(owner, challenge, outsider)) == (404, "member_not_found")
        assert not Membership.objects.filter(user=outsider).exclude(status=status or "").exists()

    @pytest.mark.parametrize("id", [NOBODY, "abc", "9" * 5000])
    def test_it_knows_nobody_by_such_an_id__hc1(self, as_owner, challenge, member, id):
        assert outcome(as_owner.delete(f"/challenges/{challenge.id}/members/{id}")) == (404, "member_not_found")
        assert outcome(as_owner.delete(f"/challenges/{id}/members/{member.id}")) == (404, "challenge_not_found")

    @pytest.mark.parametrize("count", [2, 20])
    def test_it_costs_five_queries_cold_and_four_warm(self, owner, member, as_owner, count, django_assert_num_queries):
        for queries in testing.cold_then_warm(as_owner, 5, 4):
            challenge = testing.make_challenge(owner, member, *people(count), max_members=50)
            with django_assert_num_queries(queries):
                assert as_owner.delete(f"/challenges/{challenge.id}/members/{member.id}").status_code == 204
