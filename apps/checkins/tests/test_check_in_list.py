"""GET /checkins: one's own, by page and by cursor."""

import pytest

from apps import testing
from apps.checkins.tests.steps import check_in, make_row
from apps.core.clock import DAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

TODAY = testing.NOON
NOBODY = "00000000-0000-0000-0000-00000000dead"


@pytest.fixture
def rows(challenge, member, owner):
    """Seven of the member over four days, newest first, and one of somebody else."""
    make_row(owner, challenge, TODAY.date())
    made = [make_row(member, challenge, TODAY.date() - (n // 2) * DAY, habit=n % 2 + 1) for n in range(7)]
    return sorted(made, key=lambda row: (row.checkin_date, row.created_at, row.id), reverse=True)


def ids(response):
    return [row["id"] for row in response.json()["checkins"]]


class TestList:
    def test_it_works(self, challenge, member, as_member):
        created = check_in(member, challenge, caption="x").json()["checkin"]
        author = {"user_display_name": "Max", "user_avatar_url": None, "is_you": True}
        assert as_member.get("/checkins").json() == {
            "checkins": [created | author],
            "total": 1,
            "page": 1,
            "limit": 20,
            "pages": 1,
            "next_cursor": None,
        }

    def test_it_is_empty_at_first(self, as_member):
        page = {"total": 0, "page": 1, "limit": 20, "pages": 0, "next_cursor": None}
        assert as_member.get("/checkins").json() == {"checkins": []} | page

    def test_it_is_ones_own_by_date_time_and_id(self, rows, as_member):
        assert ids(as_member.get("/checkins")) == [str(row.id) for row in rows]

    def test_what_was_done_in_a_challenge_since_left_is_ones_own(self, rows, challenge, member, as_member):
        challenge.memberships.filter(user=member).update(status="kicked")
        assert len(ids(as_member.get("/checkins"))) == 7

    def test_it_narrows_to_a_challenge(self, rows, member, as_member):
        other = testing.make_challenge(member)
        row = make_row(member, other, TODAY.date())
        response = as_member.get("/checkins", {"challenge_id": str(other.id).upper()})
        assert (ids(response), response.json()["total"]) == ([str(row.id)], 1)

    def test_it_is_empty_for_a_foreign_or_unknown_challenge__hc26(self, rows, challenge, as_outsider):
        for id in (challenge.id, NOBODY):
            assert ids(as_outsider.get("/checkins", {"challenge_id": id})) == []

    def test_it_needs_a_token(self, anonymous):
        assert anonymous.get("/checkins").status_code == 401


class TestPages:
    def test_pages_follow_each_other(self, rows, as_member):
        pages = [as_member.get("/checkins", {"page": page, "limit": 3}) for page in (1, 2, 3, 4)]
        assert [len(ids(page)) for page in pages] == [3, 3, 1, 0]
        assert sum((ids(page) for page in pages), []) == [str(row.id) for row in rows]
        assert {(page.json()["total"], page.json()["pages"]) for page in pages} == {(7, 3)}
        assert [page.json()["next_cursor"] is None for page in pages] == [False, False, True, True]

    def test_a_walk_by_cursor_sees_each_row_once(self, rows, as_member):
        seen, query = [], {"limit": 3}
        while True:
            answer = as_member.get("/checkins", query).json()
            seen += [row["id"] for row in answer["checkins"]]
            if not answer["next_cursor"]:
                break
            query = {"limit": 2, "cursor": answer["next_cursor"], "page": 9}
        assert seen == [str(row.id) for row in rows]
        assert (answer["total"], answer["page"], answer["pages"]) == (None, None, None)

    @pytest.mark.parametrize(
        "query",
        [{"page": 0}, {"page": "abc"}, {"page": "9" * 5000}, {"limit": 0}, {"limit": 101}, {"limit": -1},
         {"limit": "1\x00"}, {"challenge_id": "x"}, {"cursor": "x"}, {"cursor": "x" * 1_000_000}],
        ids=lambda query: str(query)[:20],
    )  # fmt: skip
    def test_it_refuses_other_queries_without_sql__hc2_hc3(self, query, as_member, django_assert_num_queries):
        with django_assert_num_queries(1):
            response = as_member.get("/checkins", query)
        assert response.status_code == 422
        assert response.json()["detail"][0]["loc"] == ["query", *query]

    def test_a_cursor_is_bound_to_its_endpoint_and_signed__hc3(self, rows, challenge, as_member):
        cursor = as_member.get("/checkins", {"limit": 3}).json()["next_cursor"]
        foreign = as_member.get(f"/challenges/{challenge.id}/checkins", {"limit": 3}).json()["next_cursor"]
        for bad in (foreign, cursor[:-1] + ("a" if cursor[-1] != "a" else "b"), cursor[1:]):
            response = as_member.get("/checkins", {"cursor": bad})
            assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["query", "cursor"])

    def test_unknown_parameters_are_ignored__hc5(self, rows, as_member):
        assert len(ids(as_member.get("/checkins", {"user_id": NOBODY, "status": "x"}))) == 7


class TestCost:
    @pytest.mark.parametrize("size", [2, 20])
    def test_it_is_three_statements_and_two_by_cursor_and_one_less_warm(
        self, size, challenge, member, django_assert_num_queries
    ):
        for back in range(size):
            make_row(member, challenge, TODAY.date() - back * DAY)
        api = testing.Api(member)
        for queries in testing.cold_then_warm(api, 3, 2):
            with django_assert_num_queries(queries):
                cursor = api.get("/checkins", {"limit": 1}).json()["next_cursor"]
        for queries in testing.cold_then_warm(api, 2, 1):
            with django_assert_num_queries(queries):
                api.get("/checkins", {"cursor": cursor})

    def test_a_page_past_the_end_makes_no_row_query(self, rows, as_member, django_assert_num_queries):
        with django_assert_num_queries(2):
            assert as_member.get("/checkins", {"page": 9}).json()["checkins"] == []
