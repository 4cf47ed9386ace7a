"""The worked example of contract 3.3, row by row, through the API."""

from datetime import UTC, datetime

import pytest

from apps import testing
from apps.accounts.models import User
from apps.challenges.models import Membership
from apps.checkins.tests.steps import check_in, code, delete, member_state, user_state
from apps.core import clock
from apps.core.clock import DAY

pytestmark = pytest.mark.django_db

D0 = datetime(2026, 3, 1, 12, tzinfo=UTC)


class TestWorkedExample:
    def test_it_works(self, owner):
        with clock.standing_at(D0 + DAY):
            self.x, self.y = testing.make_challenge(owner, habits=2), testing.make_challenge(owner, habits=1)
        self.user = owner
        self.accepted(1, self.x, 1, (1, 10, False), (1, 1, 1, 10), (1, 1, 1, 10))
        self.accepted(1, self.x, 2, (1, 10, False), (1, 1, 2, 20), (1, 1, 2, 20))
        self.accepted(2, self.x, 1, (2, 20, False), (2, 2, 3, 40), (2, 2, 3, 40))
        self.accepted(2, self.y, 1, (1, 10, False), (2, 2, 3, 40), (2, 2, 4, 50))
        self.refused(2, self.x, 1, (2, 2, 3, 40), (2, 2, 4, 50))
        self.accepted(3, self.x, 2, (3, 10, False), (3, 3, 4, 50), (3, 3, 5, 60))
        self.shown(4, 3)
        self.shown(5, 0)
        self.stands((3, 3, 4, 50), (3, 3, 5, 60))
        ninth = self.accepted(5, self.x, 1, (1, 10, True), (1, 3, 5, 60), (1, 3, 6, 70))
        self.deleted(5, ninth, (3, 3, 4, 50), (3, 3, 5, 60))
        self.shown(5, 0)
        eleventh = self.accepted(5, self.x, 1, (1, 10, True), (1, 3, 5, 60), (1, 3, 6, 70))
        self.accepted(6, self.x, 1, (2, 20, False), (2, 3, 6, 80), (2, 3, 7, 90))
        self.deleted(6, eleventh, (1, 3, 5, 80), (1, 3, 6, 90))
        assert self.member().kept_points == 10
        self.accepted(7, self.x, 1, (2, 20, False), (2, 3, 6, 100), (2, 3, 7, 110))

    def accepted(self, day, challenge, habit, answer, member, user):
        with clock.standing_at(D0 + day * DAY):
            response = check_in(self.user, challenge, habit)
        assert response.status_code == 201
        found = response.json()
        assert (found["new_streak"], found["points_earned"], found["is_streak_broken"]) == answer
        self.stands(member, user)
        return response

    def refused(self, day, challenge, habit, member, user):
        with clock.standing_at(D0 + day * DAY):
            assert code(check_in(self.user, challenge, habit)) == (400, "already_checked_in")
        self.stands(member, user)

    def deleted(self, day, answer, member, user):
        with clock.standing_at(D0 + day * DAY):
            assert delete(self.user, answer).status_code == 204
        self.stands(member, user)

    def stands(self, member, user):
        """The state of the member of X and of the user."""
        assert (member_state(self.x, self.user), user_state(self.user)) == (member, user)

    def shown(self, day, streak):
        member, user = self.member(), User.objects.get(pk=self.user.pk)
        with clock.standing_at(D0 + day * DAY):
            for row in (member, user):
                assert clock.shown_streak(row.current_streak, row.last_checkin_date, user.today()) == streak

    def member(self):
        return Membership.objects.get(challenge=self.x, user=self.user)
