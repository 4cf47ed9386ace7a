"""The filter from one day to another, of every list that has it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps import testing
from apps.accounts.models import User
from apps.checkins.models import CheckIn
from apps.core import clock
from apps.core.admin import admin_url
from apps.core.staff_filters import DaysFilter
from apps.core.staff_lists import first_key_of

pytestmark = pytest.mark.django_db

USERS, CHECK_INS = "/admin/accounts/user/", "/admin/checkins/checkin/"
DAY = timedelta(days=1)
BIG = {"User", "Session", "Challenge", "Membership", "CheckIn", "Notification", "JobRun"}


def days_filter(model) -> type[DaysFilter] | None:
    found = admin.site.get_model_admin(model).list_filter
    return next((one for one in found if isinstance(one, type) and issubclass(one, DaysFilter)), None)


WITH_DAYS = [model for model in admin.site._registry if days_filter(model)]


@pytest.fixture
def joined(db):
    """One user a day, at the first and at the last moment of it."""
    for day in range(1, 6):
        for name, moment in (("first", timedelta()), ("last", DAY - timedelta(microseconds=1))):
            at = datetime(2026, 3, day, tzinfo=UTC) + moment
            user = testing.make_user(f"{name} of {day}", id=first_key_of(at))
            User.objects.filter(pk=user.pk).update(created_at=at)


def names(browser, query: str) -> list[str]:
    rows = browser.get(f"{USERS}?{query}").context["cl"].result_list
    return sorted(user.display_name for user in rows if " of " in user.display_name)


class TestDays:
    def test_both_days_are_whole(self, staff, joined):
        wanted = [f"{name} of {day}" for name in ("first", "last") for day in (2, 3)]
        assert names(staff, "from=2026-03-02&to=2026-03-03") == wanted

    @pytest.mark.parametrize(
        ("query", "days"), [("from=2026-03-04", (4, 5)), ("to=2026-03-01", (1,)), ("from=&to=", (1, 2, 3, 4, 5))]
    )
    def test_an_end_may_be_open(self, staff, joined, query, days):
        assert names(staff, query) == sorted(f"{name} of {day}" for name in ("first", "last") for day in days)

    def test_a_day_after_the_other_finds_nothing(self, staff, joined):
        assert names(staff, "from=2026-03-03&to=2026-03-02") == []

    @pytest.mark.parametrize(
        "value", ["yesterday", "2026-02-30", "0001-01-01", "1969-12-31", "9999-12-31", "1e9", "\0"]
    )
    def test_what_is_no_day_of_these_times_finds_nothing_and_is_told(self, staff, joined, value):
        response = staff.get(USERS, {"from": value, "to": "2026-03-03"})
        assert response.context["cl"].result_count == 0
        assert response.context["cl"].filter_specs[-1].form.errors["from"]

    @pytest.fixture
    def early(self, challenge, owner):
        """A check-in of 2 March on Kiritimati, where that day began 14 hours before that of UTC."""
        at = datetime(2026, 3, 1, 10, tzinfo=UTC)
        made = {"challenge": challenge, "habit": testing.make_habit(owner), "user": owner, "points_earned": 10}
        return CheckIn.objects.create(id=first_key_of(at), checkin_date=date(2026, 3, 2), **made)

    @pytest.mark.parametrize(
        ("owners", "day"), [((), 1), (("user",), 2), (("challenge",), 2), (("user", "challenge"), 2)]
    )
    def test_check_ins_of_one_are_found_by_their_own_date(self, staff, early, owners, day):
        of = {name: getattr(early, f"{name}_id") for name in owners}
        found = {
            number: staff.get(CHECK_INS, of | {"from": f"2026-03-0{number}", "to": f"2026-03-0{number}"})
            for number in (1, 2)
        }
        assert {number: answer.context["cl"].result_count for number, answer in found.items()} == {day: 1, 3 - day: 0}
        assert found[1].context["cl"].filter_specs[-1].title == ("check-in date" if owners else "day of creation, UTC")

    def test_it_keeps_other_choices_and_other_choices_keep_it(self, staff):
        response = staff.get(f"{USERS}?past=7&is_active__exact=1&from=2026-03-02")
        content, changelist = response.content.decode(), response.context["cl"]
        assert '<input type="hidden" name="past" value="7"' in content
        assert '<input type="hidden" name="is_active__exact" value="1"' in content
        links = [choice["query_string"] for choice in changelist.filter_specs[-2].choices(changelist)]
        assert all("from=2026-03-02" in link for link in links) and any("past=30" in link for link in links)

    def test_a_page_that_is_no_more_becomes_the_first(self, staff, joined):
        assert names(staff, "from=2026-03-05&p=7") == ["first of 5", "last of 5"]


class TestEveryBigList:
    def test_it_has_days(self):
        assert {model.__name__ for model in WITH_DAYS} >= BIG

    @pytest.mark.parametrize("model", WITH_DAYS, ids=lambda model: model._meta.label)
    def test_they_are_a_stretch_of_the_primary_key(self, staff, model):
        today = clock.now().date()
        listing = reverse(admin_url(model, "changelist"))
        with CaptureQueriesContext(connection) as captured:
            assert staff.get(f"{listing}?from={today}&to={today}").status_code == 200
        table = model._meta.db_table
        narrowed = [
            one["sql"] for one in captured if f'FROM "{table}"' in one["sql"] and f'"{table}"."id" >= ' in one["sql"]
        ]
        assert len(narrowed) >= 1
        for sql in narrowed:
            condition = sql.partition(" WHERE ")[2].partition(" ORDER BY ")[0].partition(" LIMIT ")[0]
            assert f'"{table}"."id" < ' in condition and condition.count('"') == 8  # two conditions and no more
