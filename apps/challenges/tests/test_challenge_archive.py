import pytest

from apps import testing
from apps.accounts.tests.people import outcome
from apps.challenges.models import Challenge, ChallengeHabit, Membership
from apps.challenges.tests.steps import NOBODY, admin_of, people, stored, told

pytestmark = pytest.mark.django_db


class TestArchive:
    def test_it_works(self, as_owner, as_member, challenge):
        response = as_owner.delete(f"/challenges/{challenge.id}")
        assert (response.status_code, response.content) == (204, b"")
        assert stored(challenge).status == "archived"
        for api in (as_owner, as_member):
            assert api.get("/challenges").json()["total"] == 0
            assert api.get("/challenges?status_filter=archived").json()["total"] == 1

    @pytest.mark.parametrize("status", ["pending", "active", "completed", "failed"])
    def test_it_archives_from_every_status(self, as_owner, challenge, status):
        Challenge.objects.update(status=status)
        assert as_owner.delete(f"/challenges/{challenge.id}").status_code == 204
        assert stored(challenge).status == "archived"

    def test_it_changes_nothing_when_repeated(self, as_owner, challenge):
        as_owner.delete(f"/challenges/{challenge.id}")
        before = stored(challenge).updated_at
        assert as_owner.delete(f"/challenges/{challenge.id}").status_code == 204
        assert stored(challenge).updated_at == before

    def test_it_deletes_nothing_and_tells_nobody(self, as_owner, challenge, member):
        as_owner.delete(f"/challenges/{challenge.id}")
        assert (Membership.objects.count(), ChallengeHabit.objects.count(), told(member)) == (2, 2, [])
        assert stored(challenge).member_count == 2

    def test_it_is_the_owners_alone(self, as_member, as_outsider, anonymous, challenge):
        path = f"/challenges/{challenge.id}"
        assert outcome(testing.Api(admin_of(challenge)).delete(path)) == (403, "insufficient_role")
        assert outcome(as_member.delete(path)) == (403, "insufficient_role")
        assert outcome(as_outsider.delete(path)) == (403, "not_a_member")
        assert outcome(anonymous.delete(path)) == (401, "authentication_required")
        assert outcome(as_outsider.delete(f"/challenges/{NOBODY}")) == (404, "challenge_not_found")
        assert stored(challenge).status == "active"

    @pytest.mark.parametrize("count", [2, 20])
    def test_it_costs_five_queries_cold_and_four_warm(self, as_owner, owner, count, django_assert_num_queries):
        for queries in testing.cold_then_warm(as_owner, 5, 4):
            challenge = testing.make_challenge(owner, *people(count), max_members=50)
            with django_assert_num_queries(queries):
                assert as_owner.delete(f"/challenges/{challenge.id}").status_code == 204
