import pytest

from apps import testing
from apps.accounts.tests.people import outcome, violations
from apps.challenges.models import Challenge
from apps.challenges.tests.steps import read
from apps.core import clock
from apps.core.clock import DAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

TODAY = testing.NOON
STATUSES = ("pending", "active", "completed", "failed", "archived")


def names(response):
    assert response.status_code == 200, response.content
    return [challenge["name"] for challenge in response.json()["challenges"]]


class TestList:
    def test_it_works(self, as_owner, owner, challenge):
        answer = as_owner.get("/challenges").json()
        (item,) = answer.pop("challenges")
        assert answer == {"total": 1, "page": 1, "limit": 20, "pages": 1}
        detail = read(owner, challenge)
        assert item == {name: detail[name] for name in detail.keys() - {"members", "habits", "my_stats"}}
        assert (item["invite_code"], item["my_role"], item["my_status"]) == (challenge.invite_code, "creator", "active")

    def test_it_is_empty_for_who_has_none(self, as_outsider, challenge):
        empty = {"challenges": [], "total": 0, "page": 1, "limit": 20, "pages": 0}
        assert as_outsider.get("/challenges").json() == empty

    def test_it_shows_the_code_to_the_creator_only(self, as_member, challenge, member):
        (item,) = as_member.get("/challenges").json()["challenges"]
        assert (item["invite_code"], item["my_role"]) == (None, "member")

    def test_it_holds_active_and_pending_memberships_only(self, as_outsider, owner, outsider):
        for status in ("active", "pending", "left", "kicked"):
            testing.add_member(testing.make_challenge(owner, name=status), outsider, status=status)
        assert sorted(names(as_outsider.get("/challenges"))) == ["active", "pending"]

    def test_it_is_newest_first_and_by_id_at_the_same_moment(self, as_owner, owner):
        moments = [TODAY, TODAY - DAY, TODAY]
        made = [testing.make_challenge(owner, created_at=moment) for moment in moments]
        expected = sorted(made, key=lambda challenge: (challenge.created_at, challenge.id), reverse=True)
        assert names(as_owner.get("/challenges")) == [challenge.name for challenge in expected]

    def test_it_hides_the_archived_unless_asked(self, as_owner, owner):
        for status in STATUSES:
            testing.make_challenge(owner, name=status, status=status)
        assert set(names(as_owner.get("/challenges"))) == set(STATUSES) - {"archived"}
        for status in STATUSES:
            assert names(as_owner.get("/challenges", {"status_filter": status})) == [status]

    def test_it_shows_a_streak_until_a_whole_day_was_missed(self, owner):
        testing.make_challenge(owner, current_streak=5, last_checkin_date=TODAY.date())
        shown = []
        for days in (0, 1, 2):
            with clock.standing_at(TODAY + days * DAY):
                (item,) = testing.Api(owner).get("/challenges").json()["challenges"]
                shown.append(item["current_streak"])
        assert shown == [5, 5, 0]

    def test_it_judges_a_streak_by_the_viewers_day(self, member, owner):
        challenge = testing.make_challenge(owner, current_streak=5, last_checkin_date=TODAY.date() - DAY)
        east = testing.make_user(timezone="Pacific/Kiritimati")  # already the third of March
        testing.add_member(challenge, east)
        shown = [testing.Api(user).get("/challenges").json()["challenges"][0] for user in (owner, east)]
        assert [item["current_streak"] for item in shown] == [5, 0]


class TestPages:
    def test_it_pages(self, as_owner, owner):
        made = [testing.make_challenge(owner, created_at=TODAY - days * DAY).name for days in range(5)]
        pages = [as_owner.get("/challenges", {"limit": 2, "page": page}) for page in (1, 2, 3)]
        assert [names(page) for page in pages] == [made[:2], made[2:4], made[4:]]
        assert {(page.json()["total"], page.json()["pages"]) for page in pages} == {(5, 3)}

    def test_it_has_an_empty_page_past_the_end_without_reading_rows(
        self, as_owner, challenge, django_assert_num_queries
    ):
        with django_assert_num_queries(2):
            answer = as_owner.get("/challenges?page=999999999&limit=100").json()
        assert answer == {"challenges": [], "total": 1, "page": 999999999, "limit": 100, "pages": 1}

    @pytest.mark.parametrize("name", ["page", "limit"])
    @pytest.mark.parametrize("value", ["0", "-1", "abc", "1.5", "9" * 5000, "1\x00", "٣", "+1", "1e3", "10000000000"])
    def test_it_refuses_what_is_no_page__hc2(self, as_owner, name, value, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert [loc for loc, _ in violations(as_owner.get("/challenges", {name: value}))] == [name]

    def test_it_has_at_most_100_rows__hc2(self, as_owner):
        assert violations(as_owner.get("/challenges?limit=101")) == [("limit", "max_value")]

    def test_it_refuses_a_status_that_is_none(self, as_owner):
        response = as_owner.get("/challenges?status_filter=Active&page=0")
        assert violations(response) == [("page", "min_value"), ("status_filter", "invalid_choice")]

    def test_it_ignores_what_it_does_not_know__hc5(self, as_owner, challenge):
        assert names(as_owner.get("/challenges?cursor=x&sort=name&status_filter=")) == [challenge.name]


class TestAccessAndCost:
    def test_it_needs_a_token(self, anonymous):
        assert outcome(anonymous.get("/challenges")) == (401, "authentication_required")

    @pytest.mark.parametrize("count", [2, 20])
    def test_it_costs_three_queries(self, as_owner, owner, count, django_assert_num_queries):
        for _ in range(count):
            testing.make_challenge(owner, *[testing.make_user() for _ in range(count // 2)], max_members=50)
        with django_assert_num_queries(3):
            assert len(names(as_owner.get("/challenges"))) == count
        assert Challenge.objects.count() == count
