"""Who is reminded at eight in the morning (contract part 7, 3.11), and that it happens once a date."""

from datetime import datetime, timedelta

import pytest

from apps import testing
from apps.accounts.models import User
from apps.accounts.tests.people import at_once
from apps.challenges.models import Challenge, Membership
from apps.challenges.tests.steps import people, told
from apps.core import clock
from apps.core.clock import DAY
from apps.jobs.services import run_job
from apps.notifications.models import Notification

pytestmark = pytest.mark.django_db

EIGHT = datetime.fromisoformat("2026-03-02T08:00Z")
TODAY = EIGHT.date()


@pytest.fixture(autouse=True)
def eight():
    with clock.standing_at(EIGHT):
        yield


@pytest.fixture
def runner(challenge, member):
    """A member of a running challenge who checked in yesterday, four days in a row, and not yet today."""
    lives(member, last_checkin_date=TODAY - DAY, current_streak=4)
    return member


def lives(user, **columns):
    User.objects.filter(pk=user.pk).update(**columns)


def remind():
    return run_job("streak-reminders").counts["reminded"]


def remind_at(text):
    with clock.standing_at(datetime.fromisoformat(text)):
        return remind()


class TestReminder:
    def test_it_works(self, runner, owner):
        assert remind() == 1
        assert told(runner) == [
            ("streak_reminder", "Keep your streak", "You have a 4-day streak and no check-in yet today.")
        ]
        row = Notification.objects.get(user=runner)
        assert (row.data, row.action_url, row.dedupe_key) == ({"streak": 4}, None, "streak_reminder:2026-03-02")
        assert (row.created_at, row.expires_at) == (EIGHT, EIGHT + timedelta(hours=720))
        assert told(owner) == []

    @pytest.mark.parametrize("at", ["2026-03-02T07:59:59Z", "2026-03-02T09:00:00Z", "2026-03-02T20:30Z"])
    def test_not_at_another_hour(self, runner, at):
        assert remind_at(at) == 0

    @pytest.mark.parametrize(
        "columns",
        [
            {"last_checkin_date": TODAY},
            {"last_checkin_date": TODAY - 2 * DAY},
            {"last_checkin_date": None, "current_streak": 0},
            {"is_active": False},
            {"day_floor": TODAY + DAY},
        ],
        ids=lambda columns: " ".join(columns),
    )
    def test_not_who_has_nothing_to_lose_today(self, runner, columns):
        lives(runner, **columns)
        assert remind() == 0

    @pytest.mark.parametrize(
        "columns",
        [
            {"status": "completed"},
            {"status": "pending"},
            {"start_date": TODAY + DAY},
            {"start_date": TODAY - 9 * DAY, "end_date": TODAY - DAY},
        ],
        ids=str,
    )
    def test_not_without_a_challenge_that_runs_today(self, runner, challenge, columns):
        Challenge.objects.filter(pk=challenge.pk).update(**columns)
        assert remind() == 0

    def test_on_its_first_and_on_its_last_day(self, runner, challenge):
        for number, dates in enumerate([(TODAY, TODAY + DAY), (TODAY - DAY, TODAY)]):
            Challenge.objects.filter(pk=challenge.pk).update(start_date=dates[0], end_date=dates[1])
            Notification.objects.all().delete()
            assert remind() == 1, number

    @pytest.mark.parametrize("status", ["left", "kicked", "pending"])
    def test_not_who_is_no_active_member(self, runner, status):
        Membership.objects.filter(user=runner).update(status=status)
        assert remind() == 0


class TestZones:
    @pytest.mark.parametrize(
        ("zone", "at", "yesterday", "reminded"),
        [
            ("Asia/Kathmandu", "2026-03-02T02:14:59Z", "2026-03-01", 0),
            ("Asia/Kathmandu", "2026-03-02T02:15:00Z", "2026-03-01", 1),
            ("Pacific/Kiritimati", "2026-03-01T18:00:00Z", "2026-03-01", 1),
            ("Pacific/Pago_Pago", "2026-03-02T19:59:59Z", "2026-03-01", 1),
            # The clocks of New York go forward on 8 March: eight is 13:00 UTC on the day before, 12:00 on that day.
            ("America/New_York", "2026-03-07T13:00:00Z", "2026-03-06", 1),
            ("America/New_York", "2026-03-08T11:59:59Z", "2026-03-07", 0),
            ("America/New_York", "2026-03-08T12:00:00Z", "2026-03-07", 1),
            ("America/New_York", "2026-03-08T13:00:00Z", "2026-03-07", 0),
            # And back on 1 November.
            ("America/New_York", "2026-11-01T12:30:00Z", "2026-10-31", 0),
            ("America/New_York", "2026-11-01T13:30:00Z", "2026-10-31", 1),
        ],
    )
    def test_it_is_the_local_clock_and_the_local_day__hc61(self, runner, challenge, zone, at, yesterday, reminded):
        last = datetime.fromisoformat(yesterday).date()
        lives(runner, timezone=zone, last_checkin_date=last)
        Challenge.objects.filter(pk=challenge.pk).update(start_date=last, end_date=last + 5 * DAY)
        assert remind_at(at) == reminded
        keys = [f"streak_reminder:{last + DAY}"] if reminded else []
        assert list(Notification.objects.values_list("dedupe_key", flat=True)) == keys

    def test_a_day_that_was_reached_further_east_is_the_day(self, runner):
        """Who flew from Kiritimati to Pago Pago lives on the 3rd already, where the clock shows the 2nd."""
        lives(runner, timezone="Pacific/Pago_Pago", last_checkin_date=TODAY, day_floor=TODAY + DAY)
        assert remind_at("2026-03-02T19:30Z") == 1
        assert Notification.objects.get().dedupe_key == "streak_reminder:2026-03-03"


class TestAgain:
    def test_it_happens_once_a_date(self, runner):
        assert [remind(), remind(), remind_at("2026-03-02T08:59:59Z")] == [1, 0, 0]
        lives(runner, last_checkin_date=TODAY, current_streak=5)
        assert remind_at("2026-03-03T08:30Z") == 1
        assert Notification.objects.filter(user=runner).count() == 2

    def test_moving_to_where_it_is_eight_again_does_not_repeat_it(self, runner):
        remind()
        lives(runner, timezone="America/New_York")
        assert remind_at("2026-03-02T13:30Z") == 0

    def test_the_count_of_unread_ones_is_fresh(self, runner, as_member):
        assert as_member.get("/notifications/unread/count").json() == {"count": 0}
        remind()
        assert as_member.get("/notifications/unread/count").json() == {"count": 1}

    def test_its_cost_does_not_grow_with_the_people(self, owner, django_assert_num_queries):
        for count in (2, 20):
            users = people(count, last_checkin_date=TODAY - DAY, current_streak=1)
            testing.make_challenge(owner, *users, max_members=50)
            with django_assert_num_queries(4):  # who, their locks, the rows, the record
                assert remind() == count


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_four_machines_remind_everybody_once(self, owner):
        users = people(20, last_checkin_date=TODAY - DAY, current_streak=1)
        testing.make_challenge(owner, *users, max_members=50)
        assert sum(at_once(*[remind] * 4)) + remind() == 20
        assert Notification.objects.count() == 20
