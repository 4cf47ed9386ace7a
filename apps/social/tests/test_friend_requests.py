"""GET /friends/requests"""

from datetime import timedelta

import pytest

from apps import testing
from apps.accounts.models import User
from apps.accounts.tests.people import outcome, violations

pytestmark = pytest.mark.django_db

NOON = testing.NOON
HOUR = timedelta(hours=1)
NOTHING = {"received": [], "sent": [], "received_count": 0, "sent_count": 0}


def shown(row, person, **other):
    return {
        "id": str(row.id),
        "user_id": str(person.id),
        "requester_id": str(person.id),
        "requester_display_name": person.display_name,
        "requester_avatar_url": person.avatar_url,
        "addressee_id": str(row.addressee_id),
        "created_at": "2026-03-02T12:00:00Z",
        "status": "pending",
    }


def names(rows) -> list[str]:
    return [row["requester_display_name"] for row in rows]


class TestRequests:
    def test_it_works(self, as_owner, owner, member, outsider):
        """Of one that was sent, too, the requester's fields describe the other person."""
        User.objects.filter(pk=outsider.pk).update(avatar_url="https://example.com/u.png")
        outsider.avatar_url = "https://example.com/u.png"
        received = testing.make_friendship(member, owner, "pending", created_at=NOON)
        sent = testing.make_friendship(owner, outsider, "pending", created_at=NOON)
        assert as_owner.get("/friends/requests").json() == {
            "received": [shown(received, member)],
            "sent": [shown(sent, outsider)],
            "received_count": 1,
            "sent_count": 1,
        }

    def test_both_sides_see_it(self, as_owner, as_member, owner, member):
        row = testing.make_friendship(owner, member, "pending", created_at=NOON)
        assert as_owner.get("/friends/requests").json()["sent"] == [shown(row, member)]
        assert as_member.get("/friends/requests").json()["received"] == [shown(row, owner)]

    @pytest.mark.parametrize("status", ["accepted", "rejected", "blocked"])
    def test_only_those_that_wait_are_there(self, as_owner, as_member, owner, member, status):
        testing.make_friendship(owner, member, status)
        assert (as_owner.get("/friends/requests").json(), as_member.get("/friends/requests").json()) == (
            NOTHING,
            NOTHING,
        )

    def test_strangers_see_nothing__hc26(self, as_outsider, owner, member):
        testing.make_friendship(owner, member, "pending")
        assert as_outsider.get("/friends/requests").json() == NOTHING

    def test_the_newest_comes_first(self, as_owner, owner):
        for number in (1, 3, 2):
            at = {"created_at": NOON + number * HOUR}
            testing.make_friendship(testing.make_user(f"from {number}"), owner, "pending", **at)
            testing.make_friendship(owner, testing.make_user(f"to {number}"), "pending", **at)
        found = as_owner.get("/friends/requests").json()
        assert names(found["received"]) == ["from 3", "from 2", "from 1"]
        assert names(found["sent"]) == ["to 3", "to 2", "to 1"]


class TestPages:
    @pytest.fixture(autouse=True)
    def three_and_one(self, owner):
        for number in range(3):
            asking = testing.make_user(f"from {number}")
            testing.make_friendship(asking, owner, "pending", created_at=NOON + number * HOUR)
        testing.make_friendship(owner, testing.make_user("to 0"), "pending")

    @pytest.mark.parametrize(
        ("page", "received", "sent"),
        [(1, ["from 2", "from 1"], ["to 0"]), (2, ["from 0"], []), (3, [], [])],
    )
    def test_it_works(self, as_owner, page, received, sent):
        """One page of each; the counts are totals."""
        found = as_owner.get("/friends/requests", {"page": page, "limit": 2}).json()
        assert (names(found["received"]), names(found["sent"])) == (received, sent)
        assert (found["received_count"], found["sent_count"]) == (3, 1)

    @pytest.mark.parametrize(("page", "queries"), [(1, 5), (2, 4), (3, 3)])
    def test_what_is_past_the_end_costs_no_row_query(self, as_owner, page, queries, django_assert_num_queries):
        with django_assert_num_queries(queries):
            assert as_owner.get("/friends/requests", {"page": page, "limit": 2}).status_code == 200

    @pytest.mark.parametrize("query", ["page=0", "limit=101", "limit=abc"])
    def test_it_refuses_what_is_no_page__hc2(self, as_owner, query):
        assert violations(as_owner.get(f"/friends/requests?{query}"))[0][0] == query.split("=")[0]


class TestStaticPaths:
    @pytest.mark.parametrize(
        ("path", "allowed"),
        [("/friends/requests", {"GET", "HEAD", "OPTIONS"}), ("/friends/request", {"POST", "OPTIONS"})],
    )
    def test_it_works__hc20(self, as_owner, anonymous, path, allowed):
        """A method that a static path lacks is 405, never the 404 of somebody who is called so."""
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - allowed:
            assert outcome(as_owner.raw(method, path)) == (405, "method_not_allowed")
            assert outcome(anonymous.raw(method, path)) == (401, "authentication_required")
