"""POST /checkins: what it answers, stores, starts and tells."""

from datetime import timedelta

import pytest
from django.test import override_settings

from apps import testing
from apps.accounts.models import User
from apps.challenges.models import Challenge, Membership
from apps.checkins.models import CheckIn
from apps.checkins.tests.steps import (
    NOBODY,
    PHOTO,
    VIDEO,
    check_in,
    give_streak,
    make_row,
    member_state,
    user_state,
)
from apps.core import clock
from apps.core.clock import DAY
from apps.notifications.models import Notification

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


class TestCheckIn:
    def test_it_works(self, challenge, member):
        response = check_in(member, challenge, caption=" Test checkin ", photo_url=PHOTO)
        row = CheckIn.objects.get()
        assert response.status_code == 201
        assert response.json() == {
            "checkin": {
                "id": str(row.id),
                "challenge_id": str(challenge.id),
                "habit_id": str(testing.HABITS[0]),
                "user_id": str(member.id),
                "checkin_date": "2026-03-02",
                "status": "completed",
                "photo_url": PHOTO,
                "video_url": None,
                "caption": "Test checkin",
                "is_on_time": True,
                "created_at": "2026-03-02T12:00:00Z",
                "updated_at": "2026-03-02T12:00:00Z",
            },
            "new_streak": 1,
            "points_earned": 10,
            "is_streak_broken": False,
            "message": "Checked in: 1-day streak, +10 points.",
        }

    def test_it_answers_what_a_later_read_answers(self, challenge, member):
        created = check_in(member, challenge, caption="x", photo_url=PHOTO, video_url=VIDEO).json()["checkin"]
        assert testing.Api(member).get(f"/checkins/{created['id']}").json() == created

    def test_it_moves_the_member_and_the_user(self, challenge, member, owner):
        check_in(member, challenge)
        row = Membership.objects.get(challenge=challenge, user=member)
        user = User.objects.get(pk=member.pk)
        assert member_state(challenge, member) == user_state(member) == (1, 1, 1, 10)
        assert (row.last_checkin_at, row.last_checkin_date) == (clock.now(), clock.now().date())
        assert user.last_checkin_date == user.day_floor == clock.now().date()
        assert member_state(challenge, owner) == user_state(owner) == (0, 0, 0, 0)

    def test_it_says_that_a_new_streak_begins(self, challenge, member):
        check_in(member, challenge)
        with clock.standing_at(clock.now() + 2 * DAY):
            answer = check_in(member, challenge).json()
        assert answer["is_streak_broken"] is True
        assert answer["message"] == "Checked in: a new streak begins, 1-day streak, +10 points."

    def test_it_moves_last_seen_at_most_once_a_minute(self, challenge, member):
        seen = clock.now()
        User.objects.filter(pk=member.pk).update(last_seen_at=seen)
        with clock.standing_at(seen + timedelta(seconds=59)):
            check_in(member, challenge, 1)
        assert User.objects.get(pk=member.pk).last_seen_at == seen
        with clock.standing_at(seen + timedelta(seconds=60)):
            check_in(member, challenge, 2)
        assert User.objects.get(pk=member.pk).last_seen_at == seen + timedelta(seconds=60)

    @override_settings(POINTS_PER_CHECKIN=7, POINTS_STREAK_MULTIPLIER=3)
    def test_it_gives_the_points_of_the_settings(self, challenge, member):
        assert check_in(member, challenge).json()["points_earned"] == 7
        with clock.standing_at(clock.now() + DAY):
            assert check_in(member, challenge).json()["points_earned"] == 21

    def test_it_multiplies_for_this_habit_in_this_challenge_only(self, challenge, member):
        other = testing.make_challenge(member)
        check_in(member, challenge, 1)
        with clock.standing_at(clock.now() + DAY):
            assert check_in(member, challenge, 2).json()["points_earned"] == 10
            assert check_in(member, other, 1).json()["points_earned"] == 10
            assert check_in(member, challenge, 1).json()["points_earned"] == 20

    def test_it_does_not_multiply_for_another_members_yesterday(self, challenge, member, owner):
        check_in(owner, challenge)
        with clock.standing_at(clock.now() + DAY):
            assert check_in(member, challenge).json()["points_earned"] == 10

    def test_it_does_not_multiply_for_a_rejected_yesterday(self, challenge, member):
        make_row(member, challenge, clock.now().date() - DAY, status="rejected")
        assert check_in(member, challenge).json()["points_earned"] == 10

    def test_it_ignores_what_the_server_decides__hc14(self, challenge, member, owner):
        extra = {
            "user_id": str(owner.id),
            "status": "verified",
            "points_earned": 900,
            "id": NOBODY,
            "is_on_time": False,
        }
        answer = check_in(member, challenge, **extra).json()
        row = CheckIn.objects.get()
        assert (row.user_id, row.status, row.points_earned, row.is_on_time) == (member.id, "completed", 10, True)
        assert (answer["points_earned"], str(row.id) != NOBODY) == (10, True)

    def test_it_stores_empty_texts_as_null(self, challenge, member):
        answer = check_in(member, challenge, caption="", photo_url="", video_url=None).json()["checkin"]
        assert (answer["caption"], answer["photo_url"], answer["video_url"]) == (None, None, None)

    def test_it_takes_a_whole_caption_with_lines(self, challenge, member):
        caption = "é" * 498 + "\n\t" + "🏃"
        assert check_in(member, challenge, caption=caption).status_code == 422
        assert check_in(member, challenge, caption=caption[1:]).json()["checkin"]["caption"] == caption[1:]

    def test_it_begins_and_ends_with_the_dates_of_the_challenge(self, member):
        day = clock.now().date()
        first = testing.make_challenge(member, start_date=day, end_date=day + DAY)
        last = testing.make_challenge(member, start_date=day - DAY, end_date=day)
        assert [check_in(member, each).status_code for each in (first, last)] == [201, 201]


class TestActivation:
    @pytest.fixture
    def pending(self, owner, member, outsider):
        challenge = testing.make_challenge(owner, member, status="pending")
        testing.add_member(challenge, outsider, status="left")
        return challenge

    def test_the_first_check_in_starts_a_pending_challenge(self, pending, member):
        assert check_in(member, pending).status_code == 201
        assert Challenge.objects.get(pk=pending.pk).status == "active"

    def test_it_tells_the_other_active_members(self, pending, member, owner):
        check_in(member, pending)
        told = Notification.objects.get()
        assert (told.user_id, told.type, told.dedupe_key) == (
            owner.id,
            "challenge_started",
            f"challenge_started:{pending.id}",
        )

    def test_a_refused_check_in_starts_nothing(self, pending, member):
        assert check_in(member, pending, 9).status_code == 400
        assert Challenge.objects.get(pk=pending.pk).status == "pending"


class TestMilestone:
    @pytest.mark.parametrize("days", [7, 30, 100, 365])
    def test_it_is_told_to_the_user(self, days, challenge, member):
        give_streak(member, days - 1)
        check_in(member, challenge)
        told = Notification.objects.get()
        assert (told.user_id, told.type) == (member.id, "streak_milestone")
        assert (told.title, told.body) == (f"{days}-day streak!", f"You checked in {days} days in a row.")
        assert (told.data, told.action_url, told.dedupe_key) == ({"streak": days}, None, f"streak:{days}:2026-03-02")

    @pytest.mark.parametrize("before", [0, 5, 7, 28])
    def test_it_is_not_told_on_other_days(self, before, challenge, member):
        give_streak(member, before)
        check_in(member, challenge)
        assert Notification.objects.count() == 0

    def test_it_is_told_once_a_day(self, challenge, member):
        give_streak(member, 6)
        check_in(member, challenge, 1)
        check_in(member, challenge, 2)
        assert Notification.objects.count() == 1

    def test_it_is_told_once_for_a_check_in_that_is_repeated(self, challenge, member):
        for back in range(6, 0, -1):
            with clock.standing_at(clock.now() - back * DAY):
                check_in(member, testing.make_challenge(member))
        for _ in range(2):
            answer = check_in(member, challenge).json()
            testing.Api(member).delete(f"/checkins/{answer['checkin']['id']}")
        assert Notification.objects.filter(type="streak_milestone").count() == 1

    @override_settings(STREAK_MILESTONES=(1,))
    def test_the_milestones_are_those_of_the_settings(self, challenge, member):
        check_in(member, challenge, 1)
        check_in(member, challenge, 2)
        with clock.standing_at(clock.now() + 2 * DAY):
            check_in(member, challenge)
        assert Notification.objects.count() == 2
