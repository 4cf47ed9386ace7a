from datetime import timedelta

import pytest
from django.db.models import Count

from apps.accounts.models import User
from apps.challenges.models import Challenge, ChallengeHabit, Habit, Membership
from apps.core import clock
from apps.notifications.models import Notification
from apps.profiling.audit import differences
from apps.profiling.tests.small_seeds import LOAD, MIDNIGHT, fill
from apps.social.models import Friendship


@pytest.mark.django_db
class TestDemo:
    def test_it_works(self):
        """Something of everything that part 4 of the contract knows."""
        fill("demo")
        assert set(Challenge.objects.values_list("status", flat=True)) == {
            *("pending", "active", "completed", "failed", "archived")
        }
        assert set(Membership.objects.values_list("role", flat=True)) == {"creator", "admin", "member"}
        assert set(Membership.objects.values_list("status", flat=True)) == {"active", "left", "kicked"}
        assert set(Notification.objects.values_list("is_read", flat=True)) == {True, False}
        assert Notification.objects.filter(type="streak_milestone").exists()
        assert set(Friendship.objects.values_list("status", flat=True)) == {
            *("accepted", "pending", "rejected", "blocked")
        }
        assert Habit.objects.filter(is_system=False).count() == 3
        assert 12 <= User.objects.count() <= 15

    def test_people_live_in_many_zones(self):
        fill("demo")
        zones = set(User.objects.values_list("timezone", flat=True))
        assert {"UTC", "Asia/Ho_Chi_Minh", "America/New_York", "Pacific/Kiritimati"} < zones

    def test_one_of_them_keeps_the_staff_site(self):
        fill("demo")
        staff = User.objects.get(is_staff=True)
        assert (staff.email, staff.is_superuser) == ("admin@example.com", True)

    def test_a_full_challenge_is_full(self):
        fill("demo")
        full = Challenge.objects.get(name="Six at the table")
        assert full.member_count == full.max_members == 6

    @pytest.mark.parametrize("number", (2, 3, 4))
    def test_its_ends_do_not_depend_on_the_dice(self, number):
        fill("demo", number)
        ends = dict(Challenge.objects.values_list("name", "status"))
        assert (ends["Thirty days of calm"], ends["A month without feeds"]) == ("completed", "failed")
        assert differences() == []


@pytest.mark.django_db
class TestLoad:
    def test_it_works(self):
        fill("load")
        emails = set(User.objects.values_list("email", flat=True))
        assert {"test@example.com", "admin@example.com"} | {f"load{n:05d}@example.com" for n in range(1, 31)} == emails

    def test_everybody_has_open_pairs_at_any_hour_of_the_day(self):
        """Four habits in each of the running challenges, none of them done on the user's today."""
        fill("load")
        for hour in (0, 12, 23):
            with clock.standing_at(MIDNIGHT + timedelta(hours=hour)):
                for user in User.objects.exclude(is_staff=True):
                    running = Challenge.objects.filter(
                        memberships__user=user,
                        memberships__status="active",
                        status="active",
                        start_date__lte=user.today(),
                        end_date__gte=user.today(),
                    )
                    pairs = ChallengeHabit.objects.filter(challenge__in=running).count()
                    assert pairs == 4 * LOAD["rounds"]
                    assert not user.check_ins.filter(checkin_date=user.today()).exists()

    def test_they_share_their_challenges(self):
        fill("load")
        shared = Challenge.objects.filter(name__startswith="Round")
        assert sorted(shared.values_list("member_count", flat=True)) == sorted([7, 7, 7, 7, 3] * 3)


@pytest.mark.django_db
class TestLarge:
    def test_it_works(self):
        fill("large")
        assert (User.objects.count(), Challenge.objects.count()) == (80, 60)
        assert User.objects.filter(email__in=["test@example.com", "load00012@example.com"]).count() == 2

    def test_one_challenge_is_full(self):
        fill("large")
        full = Challenge.objects.get(name="The full house")
        assert full.member_count == full.max_members

    def test_one_person_is_in_more_challenges_than_anybody_else(self):
        fill("large")
        counts = User.objects.values_list("email").annotate(n=Count("memberships")).order_by("-n")
        assert counts[0][0] == "busy@example.com"
