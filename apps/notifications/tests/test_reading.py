"""Marking notifications as read, and deleting them."""

from datetime import datetime

import pytest

from apps import testing
from apps.core import clock
from apps.core.clock import DAY
from apps.notifications.models import Notification
from apps.notifications.tests.notices import make_expired, make_notice

pytestmark = pytest.mark.django_db

NOW = datetime.fromisoformat("2026-03-02T07:00Z")
NOBODY = "00000000-0000-0000-0000-00000000dead"
NOT_FOUND = {"detail": "Notification not found.", "code": "notification_not_found"}


@pytest.fixture(autouse=True)
def still():
    with clock.standing_at(NOW):
        yield


def said(response):
    answer = response.json()
    assert (response.status_code, answer["success"], answer["data"]) == (200, True, None)
    return answer["message"]


def read_times(user):
    return set(Notification.objects.filter(user=user).values_list("is_read", "read_at"))


class TestMarkRead:
    def mark(self, user, *rows):
        return testing.Api(user).post("/notifications/mark-read", {"notification_ids": [row.id for row in rows]})

    def test_it_works(self, member):
        one, two, three = (make_notice(member) for _ in range(3))
        assert said(self.mark(member, one, two)) == "Marked 2 notification(s) as read"
        assert set(Notification.objects.filter(is_read=True)) == {one, two}
        assert Notification.objects.get(pk=one.pk).read_at == NOW

    def test_it_counts_what_was_read_before_and_keeps_its_time(self, member):
        row = make_notice(member)
        self.mark(member, row)
        with clock.standing_at(NOW + DAY):
            assert said(self.mark(member, row)) == "Marked 1 notification(s) as read"
        assert read_times(member) == {(True, NOW)}

    def test_it_ignores_foreign_unknown_and_expired_ones__hc26(self, member, owner, as_member):
        own, foreign, expired = make_notice(member), make_notice(owner), make_expired(member)
        body = {"notification_ids": [own.id, foreign.id, expired.id, NOBODY]}
        assert said(as_member.post("/notifications/mark-read", body)) == "Marked 1 notification(s) as read"
        assert list(Notification.objects.filter(is_read=True)) == [own]

    def test_an_id_that_stands_twice_counts_once(self, member):
        row = make_notice(member)
        assert said(self.mark(member, row, row)) == "Marked 1 notification(s) as read"

    def test_it_may_mark_nothing(self, member, owner):
        assert said(self.mark(member, make_notice(owner))) == "Marked 0 notification(s) as read"

    @pytest.mark.parametrize(
        ("ids", "loc", "type"),
        [
            ([], [], "empty"),
            ([NOBODY] * 101, [], "max_length"),
            ("x", [], "not_a_list"),
            ({"0": NOBODY}, [], "not_a_list"),
            (None, [], "null"),
            ([NOBODY, 1], [1], "invalid"),
            ([NOBODY, f"{{{NOBODY}}}"], [1], "invalid"),
            ([None], [0], "null"),
        ],
    )
    def test_it_takes_one_to_a_hundred_ids(self, ids, loc, type, as_member):
        response = as_member.post("/notifications/mark-read", {"notification_ids": ids})
        assert response.status_code == 422
        (violation,) = response.json()["detail"]
        assert (violation["loc"], violation["type"]) == (["body", "notification_ids", *loc], type)

    def test_it_takes_a_hundred(self, as_member):
        body = {"notification_ids": [NOBODY] * 100}
        assert said(as_member.post("/notifications/mark-read", body)) == "Marked 0 notification(s) as read"

    def test_it_needs_the_ids(self, as_member):
        response = as_member.post("/notifications/mark-read", {})
        assert [(v["loc"][1], v["type"]) for v in response.json()["detail"]] == [("notification_ids", "required")]

    @pytest.mark.parametrize("size", [2, 20])
    def test_it_is_two_statements(self, size, member, django_assert_num_queries):
        body = {"notification_ids": [make_notice(member).id for _ in range(size)]}
        api = testing.Api(member)
        with django_assert_num_queries(2):
            api.post("/notifications/mark-read", body)


class TestMarkAllRead:
    def test_it_works(self, member, as_member):
        for _ in range(3):
            make_notice(member)
        assert said(as_member.post("/notifications/mark-all-read")) == "Marked 3 notification(s) as read"
        assert read_times(member) == {(True, NOW)}

    def test_it_counts_what_was_unread(self, member, owner, as_member):
        read, _, foreign, expired = (
            make_notice(member, is_read=True, minutes_ago=5),
            make_notice(member),
            make_notice(owner),
            make_expired(member),
        )
        assert said(as_member.post("/notifications/mark-all-read")) == "Marked 1 notification(s) as read"
        assert Notification.objects.get(pk=read.pk).read_at == read.created_at
        assert set(Notification.objects.filter(is_read=False)) == {foreign, expired}

    def test_it_ignores_a_body(self, as_member):
        response = as_member.raw("POST", "/notifications/mark-all-read", b"{", content_type="text/plain")
        assert said(response) == "Marked 0 notification(s) as read"

    def test_it_is_two_statements(self, member, as_member, django_assert_num_queries):
        make_notice(member), make_notice(member)
        with django_assert_num_queries(2):
            as_member.post("/notifications/mark-all-read")


class TestDelete:
    def test_it_works(self, member, as_member):
        row, other = make_notice(member), make_notice(member)
        response = as_member.delete(f"/notifications/{row.id}")
        assert (response.status_code, response.content) == (204, b"")
        assert list(Notification.objects.all()) == [other]

    def test_a_second_time_it_is_gone(self, member, as_member):
        row = make_notice(member)
        codes = [as_member.delete(f"/notifications/{row.id}").status_code for _ in range(2)]
        assert codes == [204, 404]

    def test_a_foreign_or_expired_one_does_not_exist__hc26(self, member, owner, as_member):
        for row in (make_notice(owner), make_expired(member)):
            response = as_member.delete(f"/notifications/{row.id}")
            assert (response.status_code, response.json()) == (404, NOT_FOUND)
        assert Notification.objects.count() == 2

    @pytest.mark.parametrize("id", [NOBODY, "abc", "9" * 5000, "-1", "%00", "unread"])
    def test_an_unknown_one_is_not_found__hc1(self, id, as_member):
        response = as_member.delete(f"/notifications/{id}")
        assert (response.status_code, response.json()) == (404, NOT_FOUND)

    def test_it_is_two_statements(self, member, as_member, django_assert_num_queries):
        row = make_notice(member)
        with django_assert_num_queries(2):
            as_member.delete(f"/notifications/{row.id}")


class TestPaths:
    CALLS = [
        ("POST", "mark-read"),
        ("POST", "mark-all-read"),
        ("POST", "register-push-token"),
        ("DELETE", "push-token"),
        ("DELETE", NOBODY),
        ("GET", "unread/count"),
    ]

    @pytest.mark.parametrize(("method", "path"), CALLS)
    def test_they_need_a_token(self, method, path, anonymous):
        response = anonymous.raw(method, f"/notifications/{path}", b"{}")
        assert (response.status_code, response.json()["code"]) == (401, "authentication_required")

    @pytest.mark.parametrize("path", ["mark-read", "mark-all-read", "register-push-token", "unread/count"])
    def test_a_static_path_wins_over_an_id(self, path, as_member):
        response = as_member.delete(f"/notifications/{path}")
        assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")

    def test_an_id_knows_only_its_deletion(self, as_member):
        response = as_member.get(f"/notifications/{NOBODY}")
        assert (response.status_code, response["Allow"]) == (405, "DELETE, OPTIONS")
