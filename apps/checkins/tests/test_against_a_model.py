"""Random lives of two people in two challenges, against a model that counts everything anew at each step."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps import testing
from apps.accounts.models import User
from apps.accounts.services import update_profile
from apps.challenges.models import Challenge, Membership
from apps.checkins import services
from apps.checkins.tests.test_streaks import by_definition
from apps.core import clock
from apps.core.errors import ApiError

DAY = timedelta(days=1)
START, END = date(2026, 3, 5), date(2026, 3, 16)
ZONES = ["UTC", "Asia/Kathmandu", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago"]

person, place, habit = st.integers(0, 1), st.integers(0, 1), st.integers(0, 1)
steps = st.one_of(
    st.tuples(st.just("check_in"), person, place, habit),
    st.tuples(st.just("check_in"), person, place, habit),
    st.tuples(st.just("check_in"), st.just(0), st.just(0), st.just(0)),
    st.tuples(st.just("wait"), st.sampled_from([1, 6, 13, 24, 24, 24, 30, 50])),
    st.tuples(st.just("delete"), st.integers(0, 9)),
    st.tuples(st.just("move"), person, st.sampled_from(ZONES)),
)


class Model:
    """Rows, and per person a zone and a floor. Nothing else is remembered: the rest is counted."""

    def __init__(self):
        self.now = datetime(2026, 3, 5, 12, tzinfo=UTC)
        self.zones, self.floors = ["UTC", "UTC"], [None, None]
        self.rows, self.kept = [], {}

    def today(self, person):
        local = self.now.astimezone(ZoneInfo(self.zones[person])).date()
        return max(local, self.floors[person] or local)

    def move(self, person, zone):
        if self.floors[person] and zone != self.zones[person]:
            self.floors[person] = self.today(person)
        self.zones[person] = zone

    def check_in(self, person, place, habit):
        """The refusal, or the points, the streak and whether it is broken."""
        day = self.today(person)
        if day > END:
            return "challenge_closed"
        if day < START:
            return "challenge_not_started"
        if self.has(person, place, habit, day):
            return "already_checked_in"
        before = self.streak(person=person, place=place)
        points = 20 if self.has(person, place, habit, day - DAY) else 10
        self.rows.append({"person": person, "place": place, "habit": habit, "day": day, "points": points})
        self.floors[person] = max(day, self.floors[person] or day)
        broken = before.last is not None and before.last < day - DAY
        return points, self.streak(person=person, place=place).current, broken

    def delete(self, row):
        self.rows.remove(row)
        if row["day"] != self.today(row["person"]):
            membership = (row["person"], row["place"])
            self.kept[membership] = self.kept.get(membership, 0) + row["points"]

    def has(self, person, place, habit, day):
        return any(
            (row["person"], row["place"], row["habit"], row["day"]) == (person, place, habit, day) for row in self.rows
        )

    def find(self, **where):
        return [row for row in self.rows if all(row[key] == value for key, value in where.items())]

    def streak(self, **where):
        return by_definition([row["day"] for row in self.find(**where)])

    def points(self, person, places):
        earned = sum(row["points"] for place in places for row in self.find(person=person, place=place))
        return earned + sum(self.kept.get((person, place), 0) for place in places)


class World:
    """The same life in the database."""

    def __init__(self):
        self.people = [testing.make_user(), testing.make_user()]
        dates = {"start_date": START, "end_date": END}
        self.places = [testing.make_challenge(*self.people, **dates) for _ in range(2)]
        self.ids = []

    def check_in(self, person, place, habit):
        ids = {"challenge_id": self.places[place].pk, "habit_id": testing.HABITS[habit]}
        try:
            recorded = services.record_check_in(user_id=self.people[person].pk, **ids)
        except ApiError as refusal:
            return refusal.code
        self.ids.append(recorded.check_in["id"])
        return recorded.points_earned, recorded.new_streak, recorded.is_streak_broken

    def delete(self, position, person):
        services.delete_check_in(user_id=self.people[person].pk, check_in_id=self.ids.pop(position))

    def move(self, person, zone):
        update_profile(user_id=self.people[person].pk, timezone=zone)

    def assert_equals(self, model):
        users, challenges = User.objects.in_bulk(), Challenge.objects.in_bulk()
        for person, user in enumerate(users[user.pk] for user in self.people):
            assert streak_of(user) == model.streak(person=person)
            assert (user.total_check_ins, user.points) == (len(model.find(person=person)), model.points(person, [0, 1]))
            assert user.day_floor == model.floors[person]
        for place, challenge in enumerate(challenges[challenge.pk] for challenge in self.places):
            streak = model.streak(place=place)
            assert (challenge.current_streak, challenge.last_checkin_date) == (streak.current, streak.last)
        self.assert_members_equal(model)

    def assert_members_equal(self, model):
        for member in Membership.objects.filter(challenge__in=self.places):
            person = [user.pk for user in self.people].index(member.user_id)
            place = [challenge.pk for challenge in self.places].index(member.challenge_id)
            assert streak_of(member) == model.streak(person=person, place=place)
            assert member.total_checkins == len(model.find(person=person, place=place))
            kept = model.kept.get((person, place), 0)
            assert (member.points_earned, member.kept_points) == (model.points(person, [place]), kept)


def streak_of(row):
    return row.current_streak, row.longest_streak, row.last_checkin_date


def live(model, world, step):
    match step:
        case "check_in", *where:
            assert world.check_in(*where) == model.check_in(*where)
        case "wait", hours:
            model.now += timedelta(hours=hours)
        case "delete", position if model.rows:
            row = model.rows[position % len(model.rows)]
            world.delete(position % len(model.rows), row["person"])
            model.delete(row)
        case "move", person, zone:
            world.move(person, zone)
            model.move(person, zone)


@pytest.mark.django_db
class TestAgainstAModel:
    @settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(steps, min_size=10, max_size=30))
    def test_it_works(self, life):
        with transaction.atomic():
            model, world = Model(), World()
            for step in life:
                with clock.standing_at(model.now):
                    live(model, world, step)
                world.assert_equals(model)
            transaction.set_rollback(True)
