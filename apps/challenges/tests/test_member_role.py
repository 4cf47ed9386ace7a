import pytest

from apps import testing
from apps.accounts.tests.people import outcome, violations
from apps.challenges.models import Membership
from apps.challenges.tests.steps import NOBODY, admin_of, membership, people, read, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(challenge, member):
    return f"/challenges/{challenge.id}/members/{member.id}"


class TestRole:
    def test_it_works(self, as_owner, owner, member, challenge, path):
        for role in ("admin", "member"):
            response = as_owner.patch(path, {"role": role})
            assert response.status_code == 200
            assert response.json() == read(owner, challenge)["members"][1]
            assert (response.json()["role"], membership(challenge, member).role) == (role, role)
        assert told(member) == []

    def test_the_same_role_again_is_fine(self, as_owner, path):
        assert as_owner.patch(path, {"role": "member"}).json()["role"] == "member"

    def test_an_admin_may_then_edit(self, as_owner, as_member, challenge, path):
        as_owner.patch(path, {"role": "admin"})
        assert as_member.patch(f"/challenges/{challenge.id}", {"name": "x"}).status_code == 200
        as_owner.patch(path, {"role": "member"})
        assert outcome(as_member.patch(f"/challenges/{challenge.id}", {"name": "y"})) == (403, "insufficient_role")

    def test_it_is_the_owners_alone(self, as_member, as_outsider, anonymous, challenge, path):
        for role in ("admin", "member"):
            assert outcome(testing.Api(admin_of(challenge)).patch(path, {"role": role})) == (403, "insufficient_role")
            Membership.objects.filter(role="admin").delete()
            assert outcome(as_member.patch(path, {"role": role})) == (403, "insufficient_role")
            assert outcome(as_outsider.patch(path, {"role": role})) == (403, "not_a_member")
            assert outcome(anonymous.patch(path, {"role": role})) == (401, "authentication_required")

    def test_the_creator_stays_the_creator(self, as_owner, owner, challenge):
        path = f"/challenges/{challenge.id}/members/{owner.id}"
        assert outcome(as_owner.patch(path, {"role": "member"})) == (400, "cannot_change_creator")

    @pytest.mark.parametrize("status", ["pending", "left", "kicked", None])
    def test_it_knows_active_members_only(self, as_owner, outsider, challenge, status):
        if status:
            testing.add_member(challenge, outsider, status=status)
        path = f"/challenges/{challenge.id}/members/{outsider.id}"
        assert outcome(as_owner.patch(path, {"role": "admin"})) == (404, "member_not_found")
        assert not Membership.objects.filter(role="admin").exists()

    @pytest.mark.parametrize("id", [NOBODY, "abc", "me", "9" * 5000])
    def test_it_knows_nobody_by_such_an_id__hc1(self, as_owner, member, challenge, id):
        ways = ((f"/challenges/{challenge.id}/members/{id}", "member_not_found"),)
        ways += ((f"/challenges/{id}/members/{member.id}", "challenge_not_found"),)
        for path, code in ways:
            assert outcome(as_owner.patch(path, {"role": "admin"})) == (404, code)

    @pytest.mark.parametrize(
        ("body", "type"),
        [
            ({}, "required"),
            ({"role": None}, "null"),
            ({"role": "creator"}, "invalid_choice"),
            ({"role": "owner"}, "invalid_choice"),
            ({"role": 1}, "invalid_choice"),
            ({"role": ["admin"]}, "invalid_choice"),
        ],
    )
    def test_it_refuses__hc10(self, as_outsider, path, body, type):
        assert violations(as_outsider.patch(path, body)) == [("role", type)]

    def test_it_ignores_everything_else__hc14(self, as_owner, member, challenge, path):
        extra = {"status": "kicked", "points_earned": 999, "hitch_count": 9, "user_id": str(NOBODY)}
        as_owner.patch(path, {"role": "admin"} | extra)
        changed = membership(challenge, member)
        assert (changed.status, changed.points_earned, changed.hitch_count) == ("active", 0, 2)

    @pytest.mark.parametrize("count", [2, 20])
    def test_it_costs_five_queries(self, as_owner, owner, member, count, django_assert_num_queries):
        challenge = testing.make_challenge(owner, member, *people(count), max_members=50)
        with django_assert_num_queries(5):
            as_owner.patch(f"/challenges/{challenge.id}/members/{member.id}", {"role": "admin"})
