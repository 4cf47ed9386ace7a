"""What lists of the staff site share: pages of large tables, a filter by time, ways to related rows."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps import testing
from apps.accounts.models import User
from apps.checkins.models import CheckIn
from apps.core import clock, staff_lists
from apps.core.admin import is_indexed
from apps.core.staff_lists import About, BoundedPaginator, first_key_of
from apps.core.tests.one_of_each import build

pytestmark = pytest.mark.django_db


class TestBoundedPaginator:
    class Small(BoundedPaginator):
        bound = 4

    def test_it_works(self):
        build(1)
        pages = self.Small(User.objects.active().order_by("pk"), 2)
        assert (pages.count, str(pages.count), pages.num_pages) == (3, "3", 2)

    def test_it_counts_to_the_bound_and_estimates_beyond(self):
        build(3)
        pages = self.Small(User.objects.active().order_by("pk"), 2)
        assert isinstance(pages.count, About)
        assert pages.count >= 5
        assert pages.num_pages == 2

    def test_it_reads_no_more_than_the_bound(self):
        build(3)
        with CaptureQueriesContext(connection) as captured:
            assert self.Small(User.objects.active().order_by("pk"), 2).count
        assert "LIMIT 5" in captured[0]["sql"]
        assert captured[1]["sql"].startswith("EXPLAIN (FORMAT ")
        assert len(captured) == 2

    def test_a_large_table_is_not_counted_at_all(self, monkeypatch):
        build(3)
        monkeypatch.setattr(staff_lists, "planned_rows", lambda rows: 5)
        with CaptureQueriesContext(connection) as captured:
            assert self.Small(User.objects.order_by("pk"), 2).count == About(5)
        assert not captured.captured_queries

    def test_an_estimate_says_that_it_is_one(self):
        assert (str(About(1234567)), About(7) > 6) == ("about 1,200,000", True)


class TestTimeFilter:
    def test_it_finds_what_is_recent_through_the_key(self, staff):
        now = clock.now()
        for days in (0, 3, 20, 90):
            then = now - timedelta(days=days, minutes=1)
            testing.make_user(f"day{days}", id=first_key_of(then), created_at=then)
        with CaptureQueriesContext(connection) as captured:
            content = staff.get("/admin/accounts/user/?past=7&q=day").content.decode()
        assert [days for days in (0, 3, 20, 90) if f">day{days}<" in content] == [0, 3]
        assert any('"users"."id" >= ' in query["sql"] for query in captured)

    def test_it_ignores_other_values(self, staff):
        assert staff.get("/admin/accounts/user/?past=x").status_code == 200


class TestSeeAlso:
    def test_it_leads_to_the_lists_that_an_index_serves(self, staff, challenge):
        content = staff.get(f"/admin/challenges/challenge/{challenge.pk}/change/").content.decode()
        for model in ("challenges/membership", "challenges/challengehabit", "checkins/checkin"):
            assert f'href="/admin/{model}/?challenge={challenge.pk}"' in content

    def test_it_says_as_what_where_there_are_several(self, staff, owner):
        content = staff.get(f"/admin/accounts/user/{owner.pk}/change/").content.decode()
        for side in ("requester", "addressee"):
            link = rf'href="/admin/social/friendship/\?{side}={owner.pk}"[^>]*>friendships \({side}\)<'
            assert re.search(link, content)

    def test_a_list_of_one_challenge_shows_only_that(self, staff, challenge, owner):
        testing.make_challenge(owner)
        response = staff.get(f"/admin/challenges/membership/?challenge={challenge.pk}")
        assert response.context["cl"].result_count == 2

    def test_it_knows_which_keys_are_indexed(self):
        assert is_indexed(CheckIn._meta.get_field("user"))
        assert not is_indexed(CheckIn._meta.get_field("habit"))
