"""Whoever has lost access is refused at once, however reads and the write meet; and the orders in which they can."""

import pytest

from apps import testing
from apps.accounts.services import deactivate_user
from apps.profiling.tests.freshness import Case, distinct_orders, stale_reads
from apps.profiling.tests.interleaving import orders

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


class TestAccess:
    def test_a_session_that_was_ended_is_refused__hc22(self, member):
        apis = {}

        def prepare(number):
            apis["now"] = testing.Api(member)

        def read():
            return apis["now"].get("/users/me").content.split(b'"request_id"')[0]

        case = Case("logout", read, lambda number: apis["now"].post("/auth/logout"), prepare)
        assert stale_reads(case) == []

    def test_a_deactivated_user_is_refused__hc22(self, member):
        apis = {}

        def prepare(number):
            user = testing.make_user()
            apis["now"] = testing.Api(user)

        def read():
            return apis["now"].get("/users/me").content.split(b'"request_id"')[0]

        case = Case("deactivated", read, lambda number: deactivate_user(user_id=apis["now"].user.pk), prepare)
        assert stale_reads(case) == []


class TestOrders:
    def test_none_is_missing(self):
        assert len(set(orders(3, 3))) == 20
        assert len(list(orders(3, 5))) == 56

    def test_two_readers_and_two_writers_meet_in_all_that_differ(self):
        found = set(distinct_orders())
        assert len(found) == 70
        assert {order[:2] for order in found} >= {(0, 0), (0, 1), (0, 2), (2, 2), (2, 3)}
