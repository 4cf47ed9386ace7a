"""GET /notifications and GET /notifications/unread/count."""

from datetime import datetime, timedelta

import pytest

from apps import testing
from apps.core import clock
from apps.notifications.tests.notices import make_expired, make_notice

pytestmark = pytest.mark.django_db

NOW = datetime.fromisoformat("2026-03-02T07:00Z")


@pytest.fixture(autouse=True)
def still():
    with clock.standing_at(NOW):
        yield


def ids(response):
    assert response.status_code == 200
    return [item["id"] for item in response.json()["items"]]


def names(rows):
    return [str(row.id) for row in rows]


class TestList:
    def test_it_works(self, member, as_member):
        data = {"challenge_id": "c1", "n": [1, None, {"x": "é"}]}
        row = make_notice(member, data=data, action_url="/challenges/c1")
        item = {
            "id": str(row.id),
            "user_id": str(member.id),
            "type": "member_joined",
            "title": "New member!",
            "body": "Max joined.",
            "data": data,
            "action_url": "/challenges/c1",
            "is_read": False,
            "read_at": None,
            "created_at": "2026-03-02T07:00:00Z",
            "expires_at": "2026-04-01T07:00:00Z",
        }
        page = {"total": 1, "page": 1, "limit": 20, "pages": 1, "next_cursor": None}
        assert as_member.get("/notifications").json() == {"items": [item]} | page

    def test_it_is_empty_at_first(self, as_member):
        page = {"total": 0, "page": 1, "limit": 20, "pages": 0, "next_cursor": None}
        assert as_member.get("/notifications").json() == {"items": []} | page

    def test_the_newest_comes_first_then_the_higher_id(self, member, as_member):
        old, *new = make_notice(member, minutes_ago=9), make_notice(member), make_notice(member)
        newest_first = sorted(new, key=lambda row: row.id, reverse=True)
        assert ids(as_member.get("/notifications")) == names([*newest_first, old])

    def test_it_is_ones_own__hc26(self, member, as_owner):
        make_notice(member)
        assert ids(as_owner.get("/notifications")) == []

    def test_the_expired_are_invisible(self, member, as_member):
        make_expired(member)
        left = make_notice(member, expires_at=NOW + timedelta(microseconds=1))
        for_ever = make_notice(member, minutes_ago=1, expires_at=None)
        response = as_member.get("/notifications")
        assert (ids(response), response.json()["total"]) == (names([left, for_ever]), 2)

    @pytest.mark.parametrize("value", ["true", "1"])
    def test_it_narrows_to_the_unread(self, value, member, as_member):
        unread, _, _ = make_notice(member), make_notice(member, is_read=True), make_expired(member)
        response = as_member.get("/notifications", {"unread_only": value})
        assert (ids(response), response.json()["total"]) == (names([unread]), 1)
        assert len(ids(as_member.get("/notifications", {"unread_only": "false"}))) == 2

    def test_a_walk_by_cursor_sees_each_row_once(self, member, as_member):
        rows = [make_notice(member, minutes_ago=n // 2) for n in range(7)]
        in_order = sorted(rows, key=lambda row: (row.created_at, row.id), reverse=True)
        seen, query = [], {"limit": 3}
        while query:
            response = as_member.get("/notifications", query)
            seen += ids(response)
            cursor = response.json()["next_cursor"]
            query = cursor and {"limit": 2, "cursor": cursor}
        assert seen == names(in_order)
        last = response.json()
        assert (last["total"], last["page"], last["pages"]) == (None, None, None)

    def test_a_walk_keeps_its_filter(self, member, as_member):
        for n in range(4):
            make_notice(member, minutes_ago=n, is_read=n % 2 == 0)
        first = as_member.get("/notifications", {"limit": 1, "unread_only": "1"})
        cursor = first.json()["next_cursor"]
        assert len(ids(as_member.get("/notifications", {"unread_only": "1", "cursor": cursor}))) == 1

    @pytest.mark.parametrize(
        "query",
        [{"page": 0}, {"page": "٣"}, {"limit": 101}, {"limit": "1.0"}, {"unread_only": "yes"}, {"cursor": "x:y"}],
        ids=str,
    )
    def test_it_refuses_other_queries__hc2_hc3(self, query, as_member):
        response = as_member.get("/notifications", query)
        assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["query", *query])

    def test_it_needs_a_token(self, anonymous):
        assert anonymous.get("/notifications").status_code == 401

    @pytest.mark.parametrize("size", [2, 20])
    def test_it_is_three_statements_and_two_by_cursor_and_one_less_warm(self, size, member, django_assert_num_queries):
        for n in range(size):
            make_notice(member, minutes_ago=n)
        api = testing.Api(member)
        for queries in testing.cold_then_warm(api, 3, 2):
            with django_assert_num_queries(queries):
                cursor = api.get("/notifications", {"limit": 1}).json()["next_cursor"]
        for queries in testing.cold_then_warm(api, 2, 1):
            with django_assert_num_queries(queries):
                api.get("/notifications", {"cursor": cursor})


class TestUnreadCount:
    def test_it_works(self, member, owner, as_member):
        for _ in range(3):
            make_notice(member)
        make_notice(member, is_read=True), make_expired(member), make_notice(owner)
        assert as_member.get("/notifications/unread/count").json() == {"count": 3}

    def test_it_needs_a_token(self, anonymous):
        assert anonymous.get("/notifications/unread/count").status_code == 401

    @pytest.mark.parametrize("size", [2, 20])
    def test_it_is_two_statements(self, size, member, django_assert_num_queries):
        for _ in range(size):
            make_notice(member)
        api = testing.Api(member)
        with django_assert_num_queries(2):
            assert api.get("/notifications/unread/count").json() == {"count": size}
