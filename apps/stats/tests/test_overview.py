"""The front page of the staff site: its numbers are right while there is little, and near where there is much."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection

from apps import testing
from apps.checkins.models import CheckIn
from apps.core import clock
from apps.core.staff_lists import About, first_key_of
from apps.stats import overview

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 15, 12, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon():
    with clock.standing_at(NOON):
        yield


def check_in_at(challenge, user, *moments: datetime) -> None:
    """One a day would do for the rules; here only the times matter."""
    CheckIn.objects.bulk_create(
        CheckIn(
            id=UUID(int=first_key_of(moment).int + number),
            challenge=challenge,
            habit_id=testing.HABITS[0],
            user=user,
            checkin_date=(NOON + timedelta(days=number)).date(),
            points_earned=10,
            created_at=moment,
        )
        for number, moment in enumerate(moments)
    )


class TestCheckIns:
    def test_it_works(self, challenge, member):
        first, midnight = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 15, tzinfo=UTC)
        check_in_at(challenge, member, first, midnight - timedelta(seconds=1), midnight, NOON)
        days = overview.check_ins_by_day(NOON)
        assert len(days) == 14
        assert {day.day: number for day, number in days.items() if number} == {2: 1, 14: 1, 15: 2}

    def test_what_is_older_is_not_read(self, challenge, member):
        check_in_at(challenge, member, datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC))
        assert set(overview.check_ins_by_day(NOON).values()) == {0}

    def test_of_a_busy_hour_a_part_is_read(self, challenge, member, monkeypatch):
        """900 at even distances within an hour."""
        monkeypatch.setattr(overview, "MOST_OF_AN_HOUR", 100)
        start = datetime(2026, 3, 10, 8, tzinfo=UTC)
        check_in_at(challenge, member, *(start + number * timedelta(seconds=4) for number in range(900)))
        (found,) = filter(None, overview.check_ins_by_day(NOON).values())
        assert isinstance(found, About)
        assert 750 <= found <= 1050

    def test_a_burst_on_the_full_minute_does_not_make_the_hour(self, challenge, member, monkeypatch):
        """What is counted in windows may miss it, but never takes it for the rate of the whole hour."""
        monkeypatch.setattr(overview, "MOST_OF_AN_HOUR", 100)
        start = datetime(2026, 3, 10, 8, tzinfo=UTC)
        check_in_at(challenge, member, *(start + number * timedelta(milliseconds=5) for number in range(900)))
        assert sum(overview.check_ins_by_day(NOON).values()) <= 15 * 900


class TestPeople:
    def test_it_works(self):
        yesterday = NOON.date() - timedelta(days=1)
        for streak in (0, 1, 6, 7, 29, 30, 99, 100, 365):
            testing.make_user(current_streak=streak, longest_streak=streak, last_checkin_date=yesterday)
        people = overview.count_people(NOON)
        assert people["accounts"] == people["week"] == 9
        assert list(people["streaks"].values()) == [1, 2, 2, 2, 2]

    def test_a_streak_that_was_missed_is_none(self):
        testing.make_user(current_streak=50, longest_streak=50, last_checkin_date=NOON.date() - timedelta(days=2))
        assert overview.count_people(NOON)["streaks"]["None"] == 1

    def test_who_was_seen_is_active_unless_deactivated(self):
        for days, is_active in ((1, True), (8, True), (31, True), (1, False)):
            testing.make_user(is_active=is_active, last_seen_at=NOON - timedelta(days=days))
        people = overview.count_people(NOON)
        assert (people["accounts"], people["week"], people["month"]) == (3, 1, 2)

    def test_of_a_large_table_a_part_is_read(self, monkeypatch):
        for number in range(300):
            testing.make_user(f"user {number}", bio="x" * 500)
        # Its size is not only that of these 300: blocks that other tests filled stay until a vacuum.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_relation_size('users')")
            (size,) = cursor.fetchone()
        monkeypatch.setattr(overview, "SAMPLED_BYTES", size * 3 // 4)
        accounts = overview.count_people(NOON)["accounts"]
        assert isinstance(accounts, About)
        assert 100 < accounts < 900


class TestChallenges:
    def test_it_works(self, owner, member):
        for status in ("pending", "active", "active", "completed", "failed", "archived"):
            testing.make_challenge(owner, member, status=status)
        assert overview.count_challenges() == {"pending": 1, "open": 3, "members": 6}


class TestPage:
    def test_it_works(self, staff, challenge, member):
        check_in_at(challenge, member, NOON - timedelta(hours=1))
        page = staff.get("/admin/").content.decode()
        for text in ("Check-ins today", "Active members", "Open challenges", "Streaks", "Sun 15"):
            assert text in page

    def test_it_shows_what_staff_did(self, staff, challenge):
        staff.post(f"/admin/challenges/challenge/{challenge.pk}/archive/", {"reason": "Spam"})
        page = staff.get("/admin/").content.decode()
        assert "Archived: Spam" in page and challenge.name in page

    def test_it_is_for_staff_only(self, client):
        assert client.get("/admin/").status_code == 302
