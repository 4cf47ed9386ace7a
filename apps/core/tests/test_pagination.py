from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps import testing
from apps.challenges.models import Challenge
from apps.core.errors import Invalid
from apps.core.pagination import Cursor, behind, numbered, walked

pytestmark = pytest.mark.django_db
CURSOR = Cursor("test", created_at="datetime", id="uuid")


@pytest.fixture
def challenges(owner):
    """25 challenges, three of them at one instant."""
    start = datetime(2026, 3, 1, tzinfo=UTC)
    for number in range(25):
        testing.make_challenge(owner, created_at=start + timedelta(hours=number if number > 2 else 0))
    return Challenge.objects.order_by("-created_at", "-id").values("id", "created_at")


class TestNumbered:
    def test_it_works(self, challenges):
        page = numbered(challenges, 3, 10)
        assert (page["total"], page["page"], page["limit"], page["pages"], len(page["rows"])) == (25, 3, 10, 3, 5)

    def test_it_makes_no_row_query_past_the_end(self, challenges):
        with CaptureQueriesContext(connection) as queries:
            assert numbered(challenges, 999_999_999, 100)["rows"] == []
        assert len(queries) == 1

    def test_it_has_no_pages_when_there_is_nothing(self):
        assert numbered(Challenge.objects.order_by("id").values("id"), 1, 20)["pages"] == 0


class TestWalked:
    def walk(self, queryset, limit):
        found, values = [], {"page": 1, "limit": limit}
        while True:
            page = walked(queryset, CURSOR, values)
            found += page["rows"]
            if not page["next_cursor"]:
                return found
            values = {"cursor": page["next_cursor"], "limit": limit}

    @pytest.mark.parametrize("limit", [1, 2, 5, 24, 25, 26])
    def test_it_neither_repeats_nor_skips_a_row(self, challenges, limit):
        assert self.walk(challenges, limit) == list(challenges)

    def test_it_counts_nothing_behind_a_cursor(self, challenges):
        cursor = walked(challenges, CURSOR, {"page": 1, "limit": 10})["next_cursor"]
        with CaptureQueriesContext(connection) as queries:
            page = walked(challenges, CURSOR, {"cursor": cursor, "limit": 10})
        assert len(queries) == 1
        assert "(%s) < (" not in queries[0]["sql"] and ") < (" in queries[0]["sql"], "one row comparison"
        assert (page["total"], page["page"], page["pages"]) == (None, None, None)

    def test_it_starts_without_a_count_where_there_are_no_pages(self, challenges):
        with CaptureQueriesContext(connection) as queries:
            page = behind(challenges, CURSOR, 10)
        assert len(queries) == 1
        assert CURSOR.decode(page["next_cursor"]) == [page["rows"][-1]["created_at"], page["rows"][-1]["id"]]


class TestCursor:
    position = {
        "checkin_date": date(2026, 3, 1),
        "created_at": datetime(2026, 3, 1, tzinfo=UTC),
        "id": testing.HABITS[0],
    }

    def test_it_comes_back_as_it_went(self):
        cursor = Cursor("a", checkin_date="date", created_at="datetime", id="uuid")
        assert cursor.decode(cursor.encode(self.position)) == list(self.position.values())

    def test_it_is_bound_to_its_endpoint__hc3(self):
        with pytest.raises(Invalid):
            Cursor("b", id="uuid").decode(Cursor("a", id="uuid").encode(self.position))

    @pytest.mark.parametrize("cursor", ["", "x", "x:y", "é", "a" * 500, "\x00"])
    def test_it_cannot_be_made_up__hc3(self, cursor):
        with pytest.raises(Invalid) as caught:
            CURSOR.decode(cursor)
        assert caught.value.sentence[0]["loc"] == ["query", "cursor"]

    def test_it_cannot_be_changed__hc3(self):
        cursor = Cursor("a", id="uuid").encode(self.position)
        for place in range(len(cursor)):
            changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
            with pytest.raises(Invalid):
                Cursor("a", id="uuid").decode(changed)
