"""Random calls of three members against a model of the rules: the quota, the log and what is told never differ."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps import testing
from apps.challenges.models import Membership
from apps.checkins.services import record_check_in
from apps.core import clock
from apps.core.clock import DAY
from apps.core.errors import ApiError
from apps.jobs.tally import Tally
from apps.notifications.models import Notification
from apps.social.jobs import refill_hitches
from apps.social.models import Hitch
from apps.social.services.hitches import send_hitches

START = testing.NOON
FULL = 2
person, habit = st.integers(0, 2), st.integers(0, 1)
steps = st.one_of(
    st.tuples(st.just("hitch"), person, habit, st.lists(person, min_size=1, max_size=5)),
    st.tuples(st.just("hitch"), person, habit, st.lists(person, min_size=1, max_size=5)),
    st.tuples(st.just("check_in"), person, habit),
    st.tuples(st.just("wait"), st.sampled_from([1, 11, 12, 13])),
    st.tuples(st.just("refill")),
)


class Model:
    """In UTC: quotas, who has done what today, who was hitched today, and when the refill of the day began."""

    def __init__(self):
        self.now = START
        self.quota, self.done, self.hitched, self.spent, self.refilled = [FULL] * 3, set(), set(), [], {}

    def hitch(self, sender, habit, targets):
        """Code and what remains, or how many are reminded and what remains."""
        day = self.now.date()
        if not self.quota[sender]:
            return "no_hitches_remaining", 0
        told = {
            one
            for one in set(targets) - {sender}
            if (one, habit, day) not in self.done and (sender, one, habit, day) not in self.hitched
        }
        if not told:
            return "no_valid_targets", self.quota[sender]
        self.hitched |= {(sender, one, habit, day) for one in told}
        self.quota[sender] -= 1
        self.spent.append((sender, self.now))
        return len(told), self.quota[sender]

    def refill(self):
        since = self.refilled.setdefault(self.now.date(), self.now)
        for member in range(3):
            calls = sum(sender == member and at > since for sender, at in self.spent)
            self.quota[member] = max(0, FULL - calls)


class World:
    def __init__(self):
        self.people = [testing.make_user() for _ in range(3)]
        days = {"start_date": START.date(), "end_date": START.date() + 90 * DAY}
        self.challenge = testing.make_challenge(*self.people, **days)

    def hitch(self, sender, habit, targets):
        asked = {"challenge_id": self.challenge.pk, "habit_id": testing.HABITS[habit]}
        ids = [self.people[one].pk for one in targets]
        try:
            return tuple(send_hitches(sender_id=self.people[sender].pk, target_user_ids=ids, **asked))
        except ApiError as refusal:
            return refusal.code, refusal.extra["remaining_hitches"]

    def check_in(self, member, habit):
        ids = {"challenge_id": self.challenge.pk, "habit_id": testing.HABITS[habit]}
        try:
            record_check_in(user_id=self.people[member].pk, **ids)
        except ApiError as refusal:
            assert refusal.code == "already_checked_in"

    def quota(self):
        counts = dict(Membership.objects.filter(challenge=self.challenge).values_list("user", "hitch_count"))
        return [counts[user.pk] for user in self.people]


def live(model, world, step):
    match step:
        case "hitch", *call:
            assert world.hitch(*call) == model.hitch(*call)
        case "check_in", member, habit:
            world.check_in(member, habit)
            model.done.add((member, habit, model.now.date()))
        case "wait", hours:
            model.now += timedelta(hours=hours)
        case ("refill",):
            refill_hitches(Tally("refill-hitches", ("refilled",)))
            model.refill()


@pytest.mark.django_db
class TestAgainstAModel:
    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(steps, min_size=10, max_size=25))
    def test_it_works(self, settings_of_hitches, life):
        with transaction.atomic():
            model, world = Model(), World()
            for step in life:
                model.now += timedelta(milliseconds=1)  # no two calls at one instant
                with clock.standing_at(model.now):
                    live(model, world, step)
                assert world.quota() == model.quota
                assert Hitch.objects.count() == len(model.hitched)
                assert Notification.objects.filter(type="hitch_reminder").count() == len(model.hitched)
            transaction.set_rollback(True)


@pytest.fixture
def settings_of_hitches(settings):
    settings.HITCH_DAILY_REFILL = True
