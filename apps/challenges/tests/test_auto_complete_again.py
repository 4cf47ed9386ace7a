"""The machine that runs again, late, or after somebody else: nothing twice, nothing lost, seen at once."""

import pytest

from apps import testing
from apps.accounts.models import User
from apps.challenges.models import Challenge, Membership
from apps.challenges.services import due as services
from apps.challenges.tests.endings import NOON, TODAY, complete, counts, ended, successes, waiting
from apps.challenges.tests.steps import people, stored, told
from apps.checkins.models import CheckIn
from apps.core import clock
from apps.core.clock import DAY
from apps.notifications.models import Notification
from apps.profiling.audit import differences

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


class TestAgain:
    def test_twice_changes_nothing_more(self, owner, member):
        ended(owner, member)
        waiting(owner, member)
        assert complete() == counts(completed=1, activated=1)
        rows = list(Notification.objects.order_by("id").values())
        with clock.standing_at(NOON + DAY):
            assert complete() == counts()
        assert list(Notification.objects.order_by("id").values()) == rows
        assert [successes(owner), successes(member)] == [1, 1]

    def test_late_it_does_all_that_was_missed(self, owner):
        ends = [ended(owner, start_date=TODAY - (20 + n) * DAY, end_date=TODAY - (11 + n) * DAY) for n in range(5)]
        starts = [waiting(owner, start_date=TODAY - n * DAY) for n in range(5)]
        assert complete() == counts(completed=5, activated=5)
        assert {stored(one).status for one in ends} | {stored(one).status for one in starts} == {"completed", "active"}

    def test_it_is_audited_without_a_difference(self, owner):
        """Members, users and challenges with check-ins that are there."""
        members = people(3)
        challenge = ended(owner, *members, done=0)
        days = [challenge.start_date + number * DAY for number in range(10)]
        CheckIn.objects.bulk_create(
            CheckIn(challenge=challenge, user=user, habit_id=testing.HABITS[0], checkin_date=day, points_earned=10)
            for user in (owner, *members)
            for day in days
        )
        run = {"current_streak": 10, "longest_streak": 10, "last_checkin_date": days[-1]}
        Membership.objects.update(total_checkins=10, points_earned=100, **run)
        User.objects.filter(memberships__challenge=challenge).update(
            total_check_ins=10, points=100, day_floor=days[-1], **run
        )
        Challenge.objects.update(current_streak=10, last_checkin_date=days[-1])
        assert differences() == []
        assert complete() == counts(completed=1)
        assert differences() == []


class TestFreshness:
    def test_members_see_it_at_once(self, owner, as_owner, member, as_member):
        challenge = ended(owner, member, is_public=True)
        before = [api.get(path).json() for api in (as_owner, as_member) for path in ("/challenges", "/users/me/stats")]
        assert before[0]["challenges"][0]["status"] == "active"
        assert as_member.get("/notifications/unread/count").json() == {"count": 0}
        complete()
        testing.expire_what_was_written()
        for api in (as_owner, as_member):
            assert api.get("/challenges").json()["challenges"][0]["status"] == "completed"
            assert api.get("/users/me/stats").json()["total_challenges_completed"] == 1
            assert api.get("/notifications/unread/count").json() == {"count": 1}
        assert str(challenge.pk) not in str(as_member.get("/challenges/discover").json())


class TestLostRace:
    def test_what_moved_meanwhile_stays(self, owner):
        challenge = ended(owner)
        Challenge.objects.update(status="archived")
        assert services.close_due([challenge.pk]) == {}
        assert services.activate_due([challenge.pk]) == {}
        assert (stored(challenge).status, told(owner)) == ("archived", [])
