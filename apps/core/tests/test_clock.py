from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core import clock

INSTANTS = st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


class TestToday:
    @pytest.mark.parametrize(
        ("instant", "timezone", "day"),
        [
            ("2026-03-01T23:00Z", "Asia/Ho_Chi_Minh", "2026-03-02"),
            ("2026-03-08T04:30Z", "America/New_York", "2026-03-07"),
            ("2026-03-08T05:10Z", "America/New_York", "2026-03-08"),
            ("2026-03-09T03:59Z", "America/New_York", "2026-03-08"),
            ("2026-11-01T05:30Z", "America/New_York", "2026-11-01"),
            ("2026-11-01T06:30Z", "America/New_York", "2026-11-01"),
            ("2026-06-10T10:30Z", "Pacific/Pago_Pago", "2026-06-09"),
            ("2026-06-10T10:30Z", "Pacific/Kiritimati", "2026-06-11"),
            ("2011-12-30T09:59Z", "Pacific/Apia", "2011-12-29"),
            ("2011-12-30T10:00Z", "Pacific/Apia", "2011-12-31"),
            ("2026-01-01T18:15Z", "Asia/Kathmandu", "2026-01-02"),
            ("2028-02-29T12:00Z", "UTC", "2028-02-29"),
        ],
    )
    def test_it_is_the_local_date__hc61(self, instant, timezone, day):
        with clock.standing_at(datetime.fromisoformat(instant)):
            assert clock.today(timezone, None) == date.fromisoformat(day)

    def test_it_never_runs_backwards(self):
        with clock.standing_at(datetime(2026, 6, 10, 4, tzinfo=UTC)):
            assert clock.today("America/Los_Angeles", date(2026, 6, 10)) == date(2026, 6, 10)

    @given(INSTANTS, st.sampled_from(sorted(clock.timezones())))
    def test_it_is_within_a_day_of_utc_in_every_zone(self, instant, timezone):
        with clock.standing_at(instant):
            assert abs(clock.today(timezone, None) - instant.date()) <= timedelta(days=1)


class TestTimezones:
    def test_it_knows_the_pinned_database_and_nothing_that_is_no_place(self):
        assert {"UTC", "Asia/Ho_Chi_Minh", "Pacific/Kiritimati"} <= clock.timezones()
        assert not {"localtime", "Factory", "posixrules", ""} & clock.timezones()

    def test_it_can_build_every_zone(self):
        assert all(isinstance(clock.zone(name), ZoneInfo) for name in clock.timezones())


class TestShownStreak:
    @pytest.mark.parametrize(("days_ago", "shown"), [(0, 5), (1, 5), (2, 0), (400, 0)])
    def test_it_falls_to_zero_once_a_whole_day_was_missed(self, days_ago, shown):
        today = date(2026, 3, 5)
        assert clock.shown_streak(5, today - timedelta(days=days_ago), today) == shown

    def test_it_is_zero_without_a_check_in(self):
        assert clock.shown_streak(0, None, date(2026, 3, 5)) == 0
