"""POST /hitch (contract 3.9, 5.2): who is reminded and who is skipped."""

import pytest

from apps import testing
from apps.challenges.tests.steps import NOBODY, people
from apps.checkins.models import CheckIn
from apps.checkins.tests.steps import check_in, make_row, moment
from apps.core import clock
from apps.core.clock import DAY
from apps.notifications.models import Notification
from apps.social.models import Hitch
from apps.social.tests.hitching import TODAY, challenge, friend, hitch, lives, refused, reminded

__all__ = ["challenge", "friend"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


class TestTargets:
    def test_duplicates_collapse(self, challenge, owner, member):
        answer = hitch(owner, challenge, member, member, str(member.pk).upper())
        assert (answer.json()["hitches_sent"], Hitch.objects.count(), Notification.objects.count()) == (1, 1, 1)

    def test_others_are_skipped_silently(self, challenge, owner, member, friend, outsider):
        gone = people(3)
        for user, status in zip(gone, ("left", "kicked", "pending"), strict=True):
            testing.add_member(challenge, user, status=status)
        check_in(friend, challenge)
        answer = hitch(owner, challenge, owner, outsider, NOBODY, friend, member, *gone)
        assert (answer.status_code, answer.json()["hitches_sent"]) == (200, 1)
        assert reminded() == {member.pk}

    def test_who_was_hitched_today_is_skipped(self, challenge, owner, member, friend):
        hitch(owner, challenge, member)
        answer = hitch(owner, challenge, member, friend)
        assert (answer.json()["hitches_sent"], answer.json()["remaining_hitches"]) == (1, 0)
        assert Notification.objects.filter(user=member).count() == 1

    def test_only_this_habit_in_this_challenge_by_this_sender_counts(self, challenge, owner, member, friend):
        other = testing.make_challenge(owner, member)
        hitch(owner, challenge, member)
        assert hitch(owner, challenge, member, habit=testing.HABITS[1]).status_code == 200
        assert hitch(owner, other, member).status_code == 200
        assert hitch(friend, challenge, member).status_code == 200

    def test_tomorrow_is_another_day(self, challenge, owner, member):
        hitch(owner, challenge, member)
        with clock.standing_at(moment("2026-03-02T23:59:59Z")):
            assert refused(hitch(owner, challenge, member)) == (400, "no_valid_targets", 1)
        with clock.standing_at(moment("2026-03-03T00:00:00Z")):
            assert hitch(owner, challenge, member).status_code == 200

    def test_the_day_of_the_sender_is_logged(self, challenge, owner, member):
        lives(owner, timezone="Pacific/Kiritimati")
        hitch(owner, challenge, member)
        assert Hitch.objects.get().hitch_date == TODAY + DAY
        with clock.standing_at(moment("2026-03-03T00:00Z")):
            assert refused(hitch(owner, challenge, member))[1] == "no_valid_targets"
        with clock.standing_at(moment("2026-03-03T10:00Z")):
            assert hitch(owner, challenge, member).status_code == 200

    @pytest.mark.parametrize(("status", "code"), [("verified", 400), ("rejected", 200), ("pending", 200)])
    def test_a_check_in_that_counts_is_one(self, challenge, owner, member, status, code):
        make_row(member, challenge, TODAY, status=status)
        assert hitch(owner, challenge, member).status_code == code

    def test_another_habit_another_day_or_another_challenge_is_none(self, challenge, owner, member):
        check_in(member, challenge, 2)
        check_in(member, testing.make_challenge(owner, member), 1)
        make_row(member, challenge, TODAY - DAY)
        assert hitch(owner, challenge, member).status_code == 200

    @pytest.mark.parametrize(
        ("zone", "floor", "done", "is_reachable"),
        [
            ("Pacific/Kiritimati", None, TODAY + DAY, False),
            ("Pacific/Kiritimati", None, TODAY, True),
            ("Pacific/Pago_Pago", None, TODAY, True),
            ("Pacific/Pago_Pago", None, TODAY - DAY, False),
            ("Pacific/Pago_Pago", TODAY, TODAY, False),
            ("Pacific/Pago_Pago", TODAY, TODAY - DAY, True),
            ("Pacific/Pago_Pago", TODAY + DAY, TODAY + DAY, False),
        ],
    )
    def test_the_day_of_each_target_counts(self, challenge, owner, member, zone, floor, done, is_reachable):
        """It is half past midnight in Kiritimati, of tomorrow, and an hour before it in Pago Pago, of yesterday."""
        with clock.standing_at(moment("2026-03-02T10:30Z")):
            lives(member, timezone=zone, day_floor=floor)
            make_row(member, challenge, done)
            assert hitch(owner, challenge, member).status_code == (200 if is_reachable else 400)

    def test_a_check_in_that_was_taken_back_is_none(self, challenge, owner, member):
        check_in(member, challenge)
        CheckIn.objects.all().delete()
        assert hitch(owner, challenge, member).status_code == 200
