from datetime import date

import pytest

from apps import testing
from apps.accounts.models import User
from apps.accounts.tests.people import outcome
from apps.core import clock


class TestMyStats:
    def test_it_works(self, as_owner, owner, challenge):
        User.objects.filter(pk=owner.pk).update(
            current_streak=2, longest_streak=4, total_check_ins=6, points=70, total_challenges_completed=1,
            last_checkin_date=clock.now().date(),
        )  # fmt: skip
        assert as_owner.get("/users/me/stats").json() == {
            "current_streak": 2,
            "longest_streak": 4,
            "total_check_ins": 6,
            "total_challenges_completed": 1,
            "points": 70,
            "active_challenges": 1,
            "friend_count": 0,
        }

    def test_it_shows_a_missed_streak_as_zero(self, as_owner, owner):
        User.objects.filter(pk=owner.pk).update(current_streak=2, last_checkin_date=date(2026, 1, 1))
        assert as_owner.get("/users/me/stats").json()["current_streak"] == 0

    def test_it_needs_a_token(self, anonymous):
        assert outcome(anonymous.get("/users/me/stats")) == (401, "authentication_required")

    @pytest.mark.parametrize("number", [2, 20])
    def test_it_costs_two_queries(self, as_owner, owner, django_assert_num_queries, number):
        for _ in range(number):
            testing.make_challenge(owner, testing.make_user())
        with django_assert_num_queries(2):
            as_owner.get("/users/me/stats")
