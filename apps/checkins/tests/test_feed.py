"""GET /challenges/{id}/checkins: what everybody did, by cursor only."""

from datetime import timedelta

import pytest

from apps import testing
from apps.challenges.models import Membership
from apps.checkins.tests.steps import check_in, code, make_row
from apps.core import clock
from apps.core.clock import DAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

TODAY = testing.NOON
NOBODY = "00000000-0000-0000-0000-00000000dead"


def feed(user, challenge, **query):
    response = testing.Api(user).get(f"/challenges/{challenge.id}/checkins", query)
    assert response.status_code == 200
    return response.json()


class TestFeed:
    def test_it_works(self, challenge, member, owner):
        testing.User.objects.filter(pk=member.pk).update(avatar_url="https://a.example/m.jpg")
        with clock.standing_at(TODAY - timedelta(minutes=1)):
            first = check_in(member, challenge).json()["checkin"]
        second = check_in(owner, challenge).json()["checkin"]
        assert feed(owner, challenge) == {
            "checkins": [
                second | {"user_display_name": "Olga", "user_avatar_url": None, "is_you": True},
                first | {"user_display_name": "Max", "user_avatar_url": "https://a.example/m.jpg", "is_you": False},
            ],
            "total": None,
            "page": None,
            "limit": 20,
            "pages": None,
            "next_cursor": None,
        }

    def test_it_shows_this_challenge_and_what_counts(self, challenge, member, owner):
        make_row(member, testing.make_challenge(member), TODAY.date())
        make_row(member, challenge, TODAY.date(), status="rejected")
        make_row(member, challenge, TODAY.date() - DAY, status="verified")
        assert [row["status"] for row in feed(owner, challenge)["checkins"]] == ["verified"]

    def test_it_shows_what_former_members_did(self, challenge, member, owner):
        check_in(member, challenge)
        Membership.objects.filter(user=member).update(status="kicked")
        assert len(feed(owner, challenge)["checkins"]) == 1

    def test_it_narrows_to_a_date(self, challenge, member):
        for back in range(3):
            make_row(member, challenge, TODAY.date() - back * DAY)
        assert [row["checkin_date"] for row in feed(member, challenge, date="2026-03-01")["checkins"]] == ["2026-03-01"]

    @pytest.mark.parametrize("date", ["2026-W01-1", "20260101", "٢٠٢٦-٠١-٠١", "0000-01-01", "2026-02-30", "today"])
    def test_a_date_has_one_form__hc15(self, date, challenge, as_member):
        response = as_member.get(f"/challenges/{challenge.id}/checkins", {"date": date})
        assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["query", "date"])

    def test_a_walk_sees_each_row_once_in_order(self, challenge, member, owner):
        made = [make_row(user, challenge, TODAY.date() - back * DAY) for back in range(4) for user in (member, owner)]
        in_order = sorted(made, key=lambda row: (row.checkin_date, row.created_at, row.id), reverse=True)
        seen, query = [], {"limit": 3}
        while query:
            answer = feed(member, challenge, **query)
            seen += [row["id"] for row in answer["checkins"]]
            query = answer["next_cursor"] and {"limit": 3, "cursor": answer["next_cursor"]}
        assert seen == [str(row.id) for row in in_order]

    def test_the_last_page_has_no_next_even_when_it_is_full(self, challenge, member):
        for back in range(3):
            make_row(member, challenge, TODAY.date() - back * DAY)
        assert feed(member, challenge, limit=3)["next_cursor"] is None

    def test_it_knows_no_page(self, challenge, member):
        check_in(member, challenge)
        assert len(feed(member, challenge, page="abc")["checkins"]) == 1

    def test_it_refuses_a_foreign_cursor_before_it_looks_for_the_challenge__hc3(self, challenge, member, as_member):
        for back in range(2):
            make_row(member, challenge, TODAY.date() - back * DAY)
        foreign = as_member.get("/checkins", {"limit": 1}).json()["next_cursor"]
        response = as_member.get(f"/challenges/{NOBODY}/checkins", {"cursor": foreign})
        assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["query", "cursor"])

    @pytest.mark.parametrize("size", [2, 20])
    def test_it_is_three_statements(self, size, challenge, member, django_assert_num_queries):
        for back in range(size):
            make_row(member, challenge, TODAY.date() - back * DAY)
        api = testing.Api(member)
        with django_assert_num_queries(3):
            assert len(api.get(f"/challenges/{challenge.id}/checkins").json()["checkins"]) == size


@pytest.mark.parametrize(
    "path", ["/challenges/{}/checkins", "/challenges/{}/progress", "/checkins/challenges/{}/today"]
)
class TestAccess:
    """The same for the three member reads of check-ins."""

    def test_active_members_read(self, path, challenge, as_owner, as_member):
        assert [api.get(path.format(challenge.id)).status_code for api in (as_owner, as_member)] == [200, 200]

    @pytest.mark.parametrize("status", [None, "left", "kicked", "pending"])
    def test_everybody_else_is_a_stranger__hc26(self, path, status, challenge, outsider, as_outsider):
        challenge.is_public = True
        challenge.save()
        if status:
            testing.add_member(challenge, outsider, status=status)
        assert code(as_outsider.get(path.format(challenge.id))) == (403, "not_a_member")

    @pytest.mark.parametrize("id", [NOBODY, "abc", "9" * 5000, "%00"])
    def test_an_unknown_challenge_is_not_found__hc1(self, path, id, as_member):
        assert code(as_member.get(path.format(id))) == (404, "challenge_not_found")

    def test_it_needs_a_token(self, path, challenge, anonymous):
        assert code(anonymous.get(path.format(challenge.id))) == (401, "authentication_required")

    @pytest.mark.parametrize("status", ["pending", "completed", "failed", "archived"])
    def test_any_status_is_readable(self, path, status, owner):
        challenge = testing.make_challenge(owner, status=status)
        assert testing.Api(owner).get(path.format(challenge.id)).status_code == 200
