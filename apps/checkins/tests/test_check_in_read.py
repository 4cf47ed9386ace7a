"""GET /checkins/{id}: its owner always, the active members of its challenge."""

import pytest

from apps import testing
from apps.challenges.models import Membership
from apps.checkins.tests.steps import check_in, code

pytestmark = pytest.mark.django_db

NOBODY = "00000000-0000-0000-0000-00000000dead"


@pytest.fixture
def created(challenge, member):
    return check_in(member, challenge, caption="x").json()["checkin"]


class TestRead:
    def test_it_works(self, created, as_member):
        response = as_member.get(f"/checkins/{created['id'].upper()}")
        assert (response.status_code, response.json()) == (200, created)

    def test_members_of_its_challenge_read_it(self, created, as_owner):
        assert as_owner.get(f"/checkins/{created['id']}").json() == created

    @pytest.mark.parametrize("status", ["left", "kicked", "pending"])
    def test_who_is_no_active_member_does_not__hc26(self, status, created, challenge, outsider, as_outsider):
        assert code(as_outsider.get(f"/checkins/{created['id']}")) == (403, "not_a_member")
        testing.add_member(challenge, outsider, status=status)
        assert code(as_outsider.get(f"/checkins/{created['id']}")) == (403, "not_a_member")

    def test_its_owner_reads_it_after_leaving(self, created, member, as_member):
        Membership.objects.filter(user=member).update(status="kicked")
        assert as_member.get(f"/checkins/{created['id']}").status_code == 200

    @pytest.mark.parametrize("id", [NOBODY, "abc", "9" * 5000, "-1", "%00", "٣", "challenges", "today"])
    def test_an_unknown_one_is_not_found__hc1(self, id, as_member):
        assert code(as_member.get(f"/checkins/{id}")) == (404, "checkin_not_found")

    def test_it_needs_a_token(self, created, anonymous):
        assert code(anonymous.get(f"/checkins/{created['id']}")) == (401, "authentication_required")

    def test_it_is_two_statements(self, created, as_member, django_assert_num_queries):
        with django_assert_num_queries(2):
            as_member.get(f"/checkins/{created['id']}")
