"""The day in every time zone that a client may send: it moves forward only, and gives one check-in per habit."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest

from apps.checkins.tests.test_day import Traveller
from apps.core import clock
from apps.core.clock import DAY

ZONES = sorted(clock.timezones())
STEP = timedelta(minutes=15)
YEARS = [datetime(2026, 1, 1, tzinfo=UTC) + number * DAY for number in range(2 * 365)]


@lru_cache(maxsize=1024)
def offsets(zone: str) -> tuple[timedelta, ...]:
    here = ZoneInfo(zone)
    return tuple(day.astimezone(here).utcoffset() for day in YEARS)


def changes(zone: str) -> list[datetime]:
    """Days of two years on which its clocks are changed, and one on which they are not."""
    pairs = zip(YEARS, offsets(zone), offsets(zone)[1:], strict=False)
    return [YEARS[180], *(day for day, before, after in pairs if before != after)]


def alike() -> list[str]:
    """One zone of each way to live through these years."""
    return list({offsets(zone): zone for zone in reversed(ZONES)}.values())


class TestEveryZone:
    def test_its_day_never_goes_back_and_skips_nothing__hc61(self):
        for zone in alike():
            for day in changes(zone):
                instants = [day + number * STEP for number in range(-4, 100)]
                dates = [today_at(zone, instant) for instant in instants]
                assert {after - before for before, after in zip(dates, dates[1:], strict=False)} <= {DAY, 0 * DAY}, zone

    def test_its_midnight_is_where_the_date_changes__hc61(self):
        for zone in alike():
            for start in changes(zone):
                for hour in range(0, 24, 5):
                    with clock.standing_at(start + timedelta(hours=hour)):
                        here, midnight = clock.today(zone, None), clock.next_midnight(zone)
                        assert timedelta(0) < midnight - clock.now() <= timedelta(hours=25), zone
                    assert today_at(zone, midnight) == here + DAY, zone
                    assert today_at(zone, midnight - timedelta(microseconds=1)) == here, zone

    @pytest.mark.django_db
    def test_each_of_its_dates_has_one_check_in__hc61(self):
        """One second before midnight, a second time, and at midnight."""
        for zone in alike():
            ann = Traveller(zone)
            with clock.standing_at(datetime(2026, 3, 29, 1, tzinfo=UTC)):  # the night of many changes of clocks
                today, midnight = clock.today(zone, None), clock.next_midnight(zone)
            late = midnight - timedelta(seconds=1)
            told = [ann.checks_in(instant.isoformat()) for instant in (late, late, midnight)]
            assert told == [(str(today), 1), (400, "already_checked_in"), (str(today + DAY), 2)], zone

    def test_there_are_many(self):
        assert len(ZONES) > 590 and len(alike()) > 60
        assert max(len(changes(zone)) for zone in ZONES) >= 5


class TestDateThatComesTwice:
    """In St. John's the clocks of 2010 went back one hour at a minute past midnight: into the day before."""

    def test_the_zone_has_it(self):
        assert today_at("America/St_Johns", datetime(2010, 11, 7, 2, 30, 30, tzinfo=UTC)) == date(2010, 11, 7)
        assert today_at("America/St_Johns", datetime(2010, 11, 7, 2, 31, 30, tzinfo=UTC)) == date(2010, 11, 6)

    @pytest.mark.django_db
    def test_who_has_checked_in_stays_in_the_new_day__hc61(self):
        ann = Traveller("America/St_Johns", year=2010)
        assert ann.checks_in("2010-11-06T12:00Z") == ("2010-11-06", 1)
        assert ann.checks_in("2010-11-07T02:30:30Z") == ("2010-11-07", 2)
        assert ann.checks_in("2010-11-07T02:31:30Z") == (400, "already_checked_in")
        assert ann.checks_in("2010-11-08T12:00Z") == ("2010-11-08", 3)


def today_at(zone: str, instant: datetime) -> date:
    with clock.standing_at(instant):
        return clock.today(zone, None)
