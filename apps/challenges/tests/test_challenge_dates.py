"""POST /challenges: from when to when."""

import pytest

from apps.accounts.tests.people import violations
from apps.challenges.tests.steps import MORNING, body
from apps.core.clock import DAY
from apps.core.fields import parse_date

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]

TODAY = MORNING


class TestDates:
    @pytest.mark.parametrize("days", [1, 365])
    def test_it_may_last_one_to_365_days(self, as_owner, days):
        answer = as_owner.post("/challenges", body(end_date=TODAY.date() + days * DAY)).json()
        assert answer["duration_days"] == days

    @pytest.mark.parametrize("days", [-1, 0, 366])
    def test_it_refuses_other_lengths(self, as_owner, days):
        response = as_owner.post("/challenges", body(end_date=TODAY.date() + days * DAY))
        assert violations(response) == [("end_date", "invalid")]

    def test_it_reports_dates_beside_everything_else(self, as_owner):
        fields = body(name="", end_date="2026-03-01", habit_ids=["x"], max_members=51)
        found = violations(as_owner.post("/challenges", fields))
        assert sorted(loc for loc, _ in found) == ["end_date", "habit_ids", "max_members", "name"]

    @pytest.mark.parametrize(
        "day", ["2026-W01-1", "20260101", "٢٠٢٦-٠١-٠١", "0000-01-01", "2026-02-30", "1999-12-31", 5]
    )
    def test_it_takes_real_days_only__hc15(self, as_owner, day):
        assert parse_date(day) is None
        assert violations(as_owner.post("/challenges", body(start_date=day))) == [("start_date", "invalid")]

    def test_it_knows_leap_days(self, as_owner):
        assert as_owner.post("/challenges", body(start_date="2024-02-29", end_date="2025-02-28")).status_code == 201
        assert violations(as_owner.post("/challenges", body(end_date="2027-02-29"))) == [("end_date", "invalid")]
