"""What day it is for a check-in (contract 3.1), through the API."""

from datetime import date

import pytest

from apps import testing
from apps.accounts.models import User
from apps.checkins.models import CheckIn
from apps.checkins.tests.steps import check_in, code, delete, moment
from apps.core import clock

pytestmark = pytest.mark.django_db

VIETNAM, NEW_YORK, LOS_ANGELES = "Asia/Ho_Chi_Minh", "America/New_York", "America/Los_Angeles"
REFUSED = (400, "already_checked_in")


class Traveller:
    """Somebody in a challenge of a whole year, at moments in UTC."""

    def __init__(self, timezone, year=2026):
        self.user = testing.make_user(timezone=timezone)
        dates = {"start_date": date(year, 1, 1), "end_date": date(year, 12, 31)}
        self.challenge = testing.make_challenge(self.user, habits=4, **dates)

    def checks_in(self, at, habit=1):
        """The date and the streak of an accepted check-in, or status and code of a refused one."""
        with clock.standing_at(moment(at)):
            response = check_in(self.user, self.challenge, habit)
        if response.status_code != 201:
            return code(response)
        answer = response.json()
        return answer["checkin"]["checkin_date"], answer["new_streak"]

    def moves(self, timezone, at):
        with clock.standing_at(moment(at)):
            assert testing.Api(self.user).patch("/users/me", {"timezone": timezone}).status_code == 200


class TestTableOfDays:
    """The table of contract 3.1."""

    def test_it_works(self):
        ann = Traveller(VIETNAM)
        assert ann.checks_in("2026-03-01T23:00Z") == ("2026-03-02", 1)
        assert ann.checks_in("2026-03-02T01:00Z") == REFUSED
        assert ann.checks_in("2026-03-02T23:00Z") == ("2026-03-03", 2)

    def test_a_day_of_23_hours_is_one_day__hc61(self):
        ann = Traveller(NEW_YORK)
        assert ann.checks_in("2026-03-08T04:30Z") == ("2026-03-07", 1)
        assert ann.checks_in("2026-03-08T05:10Z") == ("2026-03-08", 2)
        assert ann.checks_in("2026-03-09T03:59:59Z") == REFUSED
        assert ann.checks_in("2026-03-09T04:00Z") == ("2026-03-09", 3)

    def test_a_day_of_25_hours_is_one_day__hc61(self):
        ann = Traveller(NEW_YORK)
        assert ann.checks_in("2026-11-01T05:30Z") == ("2026-11-01", 1)
        assert ann.checks_in("2026-11-01T06:30Z") == REFUSED
        assert ann.checks_in("2026-11-02T04:59:59Z") == REFUSED
        assert ann.checks_in("2026-11-02T05:00Z") == ("2026-11-02", 2)

    def test_travelling_west_gives_no_second_chance_at_a_date__hc61(self):
        ann = Traveller(VIETNAM)
        assert ann.checks_in("2026-06-10T04:00Z") == ("2026-06-10", 1)
        ann.moves(LOS_ANGELES, at="2026-06-10T04:00Z")
        assert ann.checks_in("2026-06-10T04:00Z") == REFUSED
        assert ann.checks_in("2026-06-10T04:01Z", habit=2) == ("2026-06-10", 1)
        assert ann.checks_in("2026-06-11T06:59Z") == REFUSED
        assert ann.checks_in("2026-06-11T07:00Z") == ("2026-06-11", 2)

    def test_travelling_east_starts_the_next_date_early_once__hc61(self):
        ann = Traveller(LOS_ANGELES)
        assert ann.checks_in("2026-06-11T05:00Z") == ("2026-06-10", 1)
        ann.moves(VIETNAM, at="2026-06-11T05:00Z")
        assert ann.checks_in("2026-06-11T05:00Z") == ("2026-06-11", 2)

    def test_a_date_skipped_at_the_date_line_is_missed__hc61(self):
        ann = Traveller("Pacific/Pago_Pago")
        assert ann.checks_in("2026-06-10T10:30Z") == ("2026-06-09", 1)
        ann.moves("Pacific/Kiritimati", at="2026-06-10T10:30Z")
        with clock.standing_at(moment("2026-06-10T10:30Z")):
            answer = check_in(ann.user, ann.challenge).json()
        assert answer["checkin"]["checkin_date"] == "2026-06-11"
        assert (answer["is_streak_broken"], answer["new_streak"]) == (True, 1)


class TestTravelling:
    def test_a_missed_date_is_not_repaired_by_travelling_west__hc61(self):
        ann = Traveller("Pacific/Kiritimati")
        ann.checks_in("2026-06-09T11:00Z")  # 06-10 at home
        ann.moves("Pacific/Pago_Pago", at="2026-06-11T10:30Z")  # 06-12 at home: 06-11 was missed
        assert ann.checks_in("2026-06-11T10:31Z") == ("2026-06-12", 1)

    def test_a_move_before_the_first_check_in_changes_the_day_freely(self):
        ann = Traveller(VIETNAM)
        ann.moves(LOS_ANGELES, at="2026-06-10T04:00Z")
        assert ann.checks_in("2026-06-10T04:00Z") == ("2026-06-09", 1)

    def test_the_floor_survives_the_deletion_of_what_raised_it(self):
        ann = Traveller(VIETNAM)
        with clock.standing_at(moment("2026-06-10T04:00Z")):
            delete(ann.user, check_in(ann.user, ann.challenge))
        assert User.objects.get(pk=ann.user.pk).day_floor == date(2026, 6, 10)
        ann.moves(LOS_ANGELES, at="2026-06-10T04:00Z")
        assert ann.checks_in("2026-06-10T04:00Z") == ("2026-06-10", 1)

    def test_stored_dates_stay_where_they_are(self):
        ann = Traveller(VIETNAM)
        ann.checks_in("2026-06-10T04:00Z")
        ann.moves(LOS_ANGELES, at="2026-06-10T04:00Z")
        assert list(CheckIn.objects.values_list("checkin_date", flat=True)) == [date(2026, 6, 10)]

    def test_back_and_forth_never_gives_two_check_ins_of_one_date__hc61(self):
        ann, dates = Traveller("UTC"), []
        zones = ["Pacific/Kiritimati", "Pacific/Pago_Pago", VIETNAM, LOS_ANGELES, "Asia/Kathmandu", "Pacific/Apia"]
        for hour in range(0, 96, 6):
            at = f"2026-06-{10 + hour // 24}T{hour % 24:02}:00Z"
            ann.moves(zones[hour // 6 % len(zones)], at)
            dates.append(ann.checks_in(at)[0])
        accepted = [day for day in dates if isinstance(day, str)]
        assert accepted == sorted(set(accepted))
        assert CheckIn.objects.count() == len(accepted)


class TestZones:
    def test_apia_skips_a_whole_date__hc61(self):
        ann = Traveller("Pacific/Apia", year=2011)
        assert ann.checks_in("2011-12-30T09:00Z") == ("2011-12-29", 1)
        with clock.standing_at(moment("2011-12-30T10:30Z")):
            answer = check_in(ann.user, ann.challenge).json()
        assert answer["checkin"]["checkin_date"] == "2011-12-31"
        assert (answer["is_streak_broken"], answer["new_streak"]) == (True, 1)

    def test_kathmandu_changes_date_at_a_quarter_past__hc61(self):
        ann = Traveller("Asia/Kathmandu")
        assert ann.checks_in("2026-05-01T18:14:59Z") == ("2026-05-01", 1)
        assert ann.checks_in("2026-05-01T18:15Z") == ("2026-05-02", 2)

    def test_kiritimati_is_fourteen_hours_ahead__hc61(self):
        ann = Traveller("Pacific/Kiritimati")
        assert ann.checks_in("2026-05-01T09:59Z") == ("2026-05-01", 1)
        assert ann.checks_in("2026-05-01T10:00Z") == ("2026-05-02", 2)

    def test_a_leap_day_is_a_day__hc61(self):
        ann = Traveller("UTC", year=2028)
        found = [ann.checks_in(f"2028-{day}T12:00Z") for day in ("02-28", "02-29", "03-01")]
        assert found == [("2028-02-28", 1), ("2028-02-29", 2), ("2028-03-01", 3)]

    def test_the_first_of_march_follows_the_28th_of_february_elsewhere__hc61(self):
        ann = Traveller("UTC")
        assert ann.checks_in("2026-02-28T12:00Z") == ("2026-02-28", 1)
        assert ann.checks_in("2026-03-01T12:00Z") == ("2026-03-01", 2)

    def test_midnight_belongs_to_the_new_day__hc61(self):
        ann = Traveller("Europe/Berlin")
        assert ann.checks_in("2026-01-10T22:59:59.999999Z") == ("2026-01-10", 1)
        assert ann.checks_in("2026-01-10T23:00Z") == ("2026-01-11", 2)

    def test_a_midnight_that_does_not_exist_is_passed_all_the_same__hc61(self):
        ann = Traveller("America/Havana")  # clocks go from 00:00 to 01:00 on 2026-03-08
        assert ann.checks_in("2026-03-08T04:59:59Z") == ("2026-03-07", 1)
        assert ann.checks_in("2026-03-08T05:00Z") == ("2026-03-08", 2)


class TestDayFloor:
    def test_a_check_in_raises_it(self):
        ann = Traveller("UTC")
        ann.checks_in("2026-06-10T04:00Z")
        assert User.objects.get(pk=ann.user.pk).day_floor == date(2026, 6, 10)

    def test_it_never_falls(self):
        ann = Traveller("UTC")
        User.objects.filter(pk=ann.user.pk).update(day_floor=date(2026, 6, 20))
        assert ann.checks_in("2026-06-10T04:00Z") == ("2026-06-20", 1)
        assert User.objects.get(pk=ann.user.pk).day_floor == date(2026, 6, 20)

    def test_a_date_of_the_client_is_ignored__hc14(self):
        ann = Traveller("UTC")
        with clock.standing_at(moment("2026-06-10T04:00Z")):
            answer = check_in(ann.user, ann.challenge, checkin_date="2026-06-01", date="2026-06-01").json()
        assert answer["checkin"]["checkin_date"] == "2026-06-10"
