import pytest

from apps import testing
from apps.accounts.tests.people import outcome, violations
from apps.challenges.models import Membership
from apps.challenges.tests.steps import NOBODY, admin_of, people, read
from apps.core.clock import DAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

TODAY = testing.NOON
STATUSES = ("pending", "active", "left", "kicked")


@pytest.fixture
def path(challenge):
    return f"/challenges/{challenge.id}/members"


@pytest.fixture
def others(challenge):
    """One of each status."""
    users = {status: testing.make_user(status) for status in STATUSES}
    for days, (status, user) in enumerate(users.items(), start=1):
        left_at = TODAY if status in ("left", "kicked") else None
        testing.add_member(challenge, user, status=status, joined_at=TODAY + days * DAY, left_at=left_at)
    return users


def names(response):
    assert response.status_code == 200, response.content
    return [member["display_name"] for member in response.json()]


class TestMemberList:
    def test_it_works(self, as_member, member, challenge, path):
        assert as_member.get(path).json() == read(member, challenge)["members"]

    def test_it_shows_all_but_the_kicked(self, as_member, path, others):
        assert names(as_member.get(path)) == ["Olga", "Max", "pending", "active", "left"]
        left = as_member.get(path).json()[4]
        assert (left["status"], left["left_at"]) == ("left", "2026-03-02T12:00:00Z")

    def test_it_shows_one_status(self, as_owner, path, others):
        found = {status: names(as_owner.get(path, {"status": status})) for status in STATUSES}
        assert found == {
            "pending": ["pending"], "active": ["Olga", "Max", "active"], "left": ["left"], "kicked": ["kicked"]
        }  # fmt: skip

    def test_only_managers_see_the_kicked(self, as_member, challenge, path, others):
        assert outcome(as_member.get(path + "?status=kicked")) == (403, "insufficient_role")
        assert names(testing.Api(admin_of(challenge)).get(path + "?status=kicked")) == ["kicked"]

    def test_it_is_by_the_time_they_joined_and_by_id(self, as_owner, challenge, path):
        for user in people(5):
            testing.add_member(challenge, user, joined_at=TODAY - DAY)
        expected = Membership.objects.order_by("joined_at", "id").values_list("id", flat=True)
        assert [member["id"] for member in as_owner.get(path).json()] == [str(id) for id in expected]

    def test_it_shows_streaks_as_of_each_members_day(self, as_owner, challenge, path):
        streak = {"current_streak": 5, "last_checkin_date": TODAY.date() - DAY}
        for zone in ("Pacific/Kiritimati", "America/Los_Angeles"):
            testing.add_member(challenge, testing.make_user(timezone=zone), **streak)
        assert [member["stats"]["current_streak"] for member in as_owner.get(path).json()] == [0, 0, 0, 5]

    def test_it_pages(self, as_owner, path, others):
        pages = [names(as_owner.get(path, {"limit": 2, "page": page})) for page in (1, 2, 3, 4)]
        assert pages == [["Olga", "Max"], ["pending", "active"], ["left"], []]
        assert names(as_owner.get(path + "?page=999999999&limit=100")) == []

    def test_it_holds_100_by_default(self, as_owner, challenge, path):
        for user in people(100):
            Membership.objects.create(challenge=challenge, user=user, status="left")
        assert len(names(as_owner.get(path))) == 100
        assert len(names(as_owner.get(path + "?page=2"))) == 2

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("page=0", "page"),
            ("limit=101", "limit"),
            ("limit=0", "limit"),
            ("limit=x", "limit"),
            ("status=x", "status"),
        ],
    )
    def test_it_refuses__hc2(self, as_member, path, query, field, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert [name for name, _ in violations(as_member.get(f"{path}?{query}"))] == [field]

    @pytest.mark.parametrize("status", ["left", "kicked", "pending", None])
    def test_it_is_for_active_members(self, as_outsider, outsider, challenge, path, status):
        if status:
            testing.add_member(challenge, outsider, status=status)
        challenge.__class__.objects.update(is_public=True)
        for query in ("", "?status=kicked"):
            assert outcome(as_outsider.get(path + query)) == (403, "not_a_member")

    def test_it_knows_no_such_challenge(self, as_outsider, anonymous, path):
        assert outcome(as_outsider.get(f"/challenges/{NOBODY}/members")) == (404, "challenge_not_found")
        assert outcome(anonymous.get(path)) == (401, "authentication_required")

    @pytest.mark.parametrize("count", [2, 20])
    def test_it_costs_three_queries(self, as_owner, owner, count, django_assert_num_queries):
        challenge = testing.make_challenge(owner, *people(count), max_members=50)
        with django_assert_num_queries(3):
            assert len(as_owner.get(f"/challenges/{challenge.id}/members").json()) == count + 1
