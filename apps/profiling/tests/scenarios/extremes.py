"""The same scenarios with the people and challenges of plan_data that are as large as the rules allow."""

from uuid import UUID

from django.db.models import F

from apps import testing
from apps.accounts.models import User
from apps.challenges.models import Challenge, ChallengeHabit, Habit, Membership
from apps.checkins.models import CheckIn
from apps.core import clock
from apps.core.clock import DAY
from apps.profiling import plan_data
from apps.profiling.plan_data import Landmarks
from apps.profiling.tests.scenarios.world import World


class Extreme(World):
    """`me` in `dare` of the large data set, changed just so far that every scenario is possible: a seat is free, one
    more habit is allowed, the password is known, and nobody has checked in today."""

    def __init__(self, me: UUID, dare: UUID):
        self.size = 20
        self.today = clock.now().date()
        self.dare = Challenge.objects.select_related("created_by").get(pk=dare)
        self.owner, self.me = self.dare.created_by, User.objects.get(pk=me)
        self.habit = ChallengeHabit.objects.values_list("habit_id", flat=True).get(challenge=dare, display_order=0)
        self.crowd = self.others()
        self.make_room()
        self.begin_the_day()
        self.api = testing.Api(self.me)
        self.as_owner = testing.Api(self.owner)

    def others(self) -> list[User]:
        plain = Membership.objects.active().filter(challenge=self.dare, role="member", user__is_active=True)
        return list(User.objects.filter(pk__in=plain.values("user")).exclude(pk=self.me.pk).order_by("pk"))

    def make_room(self) -> None:
        """The last of the crowd leaves."""
        gone = Membership.objects.of(self.dare.pk, self.crowd.pop().pk)
        gone.update(status="left", left_at=clock.now())
        dare = Challenge.objects.filter(pk=self.dare.pk)
        dare.update(is_public=True, max_members=50, member_count=F("member_count") - 1)
        Habit.objects.filter(pk=Habit.objects.filter(created_by=self.me).values("pk")[:1]).delete()
        User.objects.filter(pk=self.me.pk).update(password=testing.PASSWORD_HASH, last_checkin_date=self.today - DAY)

    def begin_the_day(self) -> None:
        CheckIn.objects.filter(challenge=self.dare, checkin_date=self.today).delete()
        Challenge.objects.filter(pk=self.dare.pk).update(last_checkin_date=self.today - DAY)


class Worlds:
    """Of somebody new with twenty of everything, who stays, and of the extremes, changed anew for every request."""

    def __init__(self, marks: Landmarks):
        self.marks = marks
        self.twenty = World(20)
        plan_data.tidy()

    def make(self, name: str) -> World:
        return self.twenty if name == "twenty" else getattr(self, name)()

    def five_years(self) -> World:
        """Sixty challenges, twelve of them running, five years of check-ins, two thousand notifications."""
        return Extreme(self.marks.busiest, self.marks.own_running)

    def full_house(self) -> World:
        """Fifty members, a year, 36,000 check-ins."""
        return Extreme(self.marks.member, self.marks.full_challenge)


WORLDS = ("twenty", "five_years", "full_house")
