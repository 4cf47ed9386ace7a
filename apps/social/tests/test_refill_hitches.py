"""Hitches come back once each UTC day (contract 3.9, part 7)."""

import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction

from apps import testing
from apps.accounts.tests.people import at_once
from apps.challenges.models import Membership
from apps.challenges.tests.steps import people, read
from apps.checkins.tests.steps import moment
from apps.core import clock
from apps.core.clock import DAY
from apps.jobs.models import JobRun
from apps.jobs.registry import JOBS
from apps.jobs.services import run_job
from apps.social.models import Hitch
from apps.social.services import refills
from apps.social.tests.hitching import HABIT, body, give, hitch, left

MIDNIGHT = moment("2026-03-02T00:00Z")
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def midnight(settings):
    settings.HITCH_DAILY_REFILL = True
    with clock.standing_at(MIDNIGHT):
        yield


def refill(at=MIDNIGHT):
    with clock.standing_at(at):
        run = run_job("refill-hitches")
    assert run.outcome == "done", run.error
    return run.counts["refilled"]


def spend(sender, challenge, target, at, habit=HABIT):
    with clock.standing_at(at):
        assert hitch(sender, challenge, target, habit=habit).status_code == 200


@pytest.mark.django_db
class TestRefill:
    def test_it_works(self, challenge, owner, member):
        give(challenge, 0, owner)
        give(challenge, 1, member)
        assert refill() == 2
        assert (left(challenge, owner), left(challenge, member)) == (2, 2)
        assert read(owner, challenge)["my_stats"]["hitch_count"] == 2

    def test_it_is_off_by_default(self, challenge, settings):
        settings.HITCH_DAILY_REFILL = False
        give(challenge, 0)
        assert (refill(), JOBS["refill-hitches"].is_on()) == (0, False)
        assert set(Membership.objects.values_list("hitch_count", flat=True)) == {0}
        settings.HITCH_DAILY_REFILL = True
        assert (refill(), JOBS["refill-hitches"].is_on()) == (2, True)

    def test_it_runs_at_midnight(self):
        assert JOBS["refill-hitches"].cron == "0 0 * * *"

    def test_everybody_has_as_many_as_a_new_member(self, challenge, owner, member, settings):
        settings.DEFAULT_HITCH_COUNT = 3
        give(challenge, 0, owner)
        give(challenge, 7, member)
        assert refill() == 2
        assert (left(challenge, owner), left(challenge, member)) == (3, 3)

    @pytest.mark.parametrize("status", ["left", "kicked", "pending"])
    def test_only_active_memberships_are_refilled(self, challenge, outsider, status):
        testing.add_member(challenge, outsider, status=status, hitch_count=0)
        assert (refill(), left(challenge, outsider)) == (0, 0)

    def test_what_is_spent_before_it_comes_back(self, challenge, owner, member):
        spend(owner, challenge, member, MIDNIGHT - SECOND)
        spend(owner, challenge, member, MIDNIGHT, habit=testing.HABITS[1])
        assert (refill(), left(challenge, owner)) == (1, 2)

    def test_the_run_log_tells_when_it_began_and_what_it_did(self, challenge):
        give(challenge, 1)
        refill(MIDNIGHT + 5 * SECOND)
        rows = list(JobRun.objects.order_by("pk").values_list("name", "outcome", "started_at", "counts"))
        began = MIDNIGHT + 5 * SECOND
        assert rows == [("refill-hitches", "done", began, counts) for counts in ({"begun": 1}, {"refilled": 2})]


@pytest.mark.django_db
class TestAgain:
    def test_a_second_run_of_a_day_gives_nobody_more(self, challenge, owner, member):
        give(challenge, 0, owner)
        refill()
        spend(owner, challenge, member, MIDNIGHT + SECOND)
        assert (refill(MIDNIGHT + DAY - SECOND), left(challenge, owner)) == (0, 1)
        assert (refill(MIDNIGHT + DAY), left(challenge, owner)) == (1, 2)

    def test_a_late_run_is_the_run_of_its_day(self, challenge, owner, member):
        give(challenge, 1, owner)
        spend(owner, challenge, member, MIDNIGHT + SECOND)
        assert (refill(MIDNIGHT + DAY / 2), left(challenge, owner)) == (1, 2)

    def test_a_call_counts_once_however_many_it_reminded(self, challenge, owner, member, outsider):
        testing.add_member(challenge, outsider)
        refill()
        with clock.standing_at(MIDNIGHT + SECOND):
            assert hitch(owner, challenge, member, outsider).json()["hitches_sent"] == 2
        assert (refill(MIDNIGHT + 2 * SECOND), left(challenge, owner)) == (0, 1)

    def test_what_a_run_that_died_left_over_is_done_by_the_next(self, challenge, owner, member):
        give(challenge, 0)
        refills.began_at()
        spent = Membership.objects.get(user=owner)
        refills.refill([spent.pk], MIDNIGHT)
        spend(owner, challenge, member, MIDNIGHT + SECOND)
        assert refill(MIDNIGHT + 2 * SECOND) == 1
        assert (left(challenge, owner), left(challenge, member)) == (1, 2)

    def test_hitches_of_others_and_elsewhere_do_not_count(self, challenge, owner, member):
        elsewhere = testing.make_challenge(owner, member)
        refill()
        spend(owner, elsewhere, member, MIDNIGHT + SECOND)
        spend(member, challenge, owner, MIDNIGHT + SECOND)
        give(challenge, 0, owner)
        assert (refill(MIDNIGHT + 2 * SECOND), left(challenge, owner)) == (1, 2)

    def test_the_day_of_the_log_may_be_another_than_that_of_utc(self, challenge, owner, member):
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
            type(owner).objects.filter(pk=owner.pk).update(timezone=zone)
            Hitch.objects.all().delete()
            give(challenge, 2)
            refill()
            spend(owner, challenge, member, MIDNIGHT + SECOND)
            assert (refill(MIDNIGHT + 2 * SECOND), left(challenge, owner)) == (0, 1), zone


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_machines_and_people_who_spend_meanwhile(self, owner, monkeypatch):
        """Whatever comes first: after it everybody has two, less the calls since it began."""
        for day in range(2):
            crowd = [owner, *people(5)]
            challenge = testing.make_challenge(*crowd, max_members=50)
            give(challenge, 1)
            with self.ticking(MIDNIGHT + day * DAY, monkeypatch):
                calls = [self.spending(user, challenge, crowd) for user in crowd]
                answers = at_once(*calls, *[lambda: run_job("refill-hitches").outcome] * 3)
                assert run_job("refill-hitches").counts["refilled"] == 0
            assert answers[-3:] == ["done"] * 3
            assert {answer.status_code for answer in answers[:-3]} <= {200, 400}
            since = JobRun.objects.filter(counts={"begun": 1}).latest("started_at").started_at
            assert JobRun.objects.filter(counts={"begun": 1}).count() == day + 1
            for user in crowd:
                sent = Hitch.objects.filter(sender=user, challenge=challenge, created_at__gt=since)
                assert left(challenge, user) == 2 - sent.values("created_at").distinct().count()

    def test_who_is_busy_is_waited_for(self, challenge, owner):
        give(challenge, 0)
        busy = Membership.objects.get(challenge=challenge, user=owner)
        with self.held(busy) as let_go:
            assert refills.refill([busy.pk], MIDNIGHT) == (0, [busy.pk])
            threading.Timer(0.2, let_go).start()
            assert refill() == 2
        assert left(challenge, owner) == 2

    @contextmanager
    def held(self, row):
        """Somebody else is at work on it."""
        taken, done = threading.Event(), threading.Event()

        def hold():
            with transaction.atomic():
                Membership.objects.select_for_update().get(pk=row.pk)
                taken.set()
                done.wait(10)
            connection.close()

        holder = threading.Thread(target=hold)
        holder.start()
        assert taken.wait(10)
        try:
            yield done.set
        finally:
            done.set()
            holder.join()

    @contextmanager
    def ticking(self, start, monkeypatch):
        """A clock that goes on from there."""
        begun = time.perf_counter()
        with monkeypatch.context() as patch:
            patch.setattr(clock, "now", lambda: start + timedelta(seconds=time.perf_counter() - begun))
            yield

    def spending(self, user, challenge, crowd):
        api = testing.Api(user)
        others = [one for one in crowd if one != user]
        return lambda: api.post("/hitch", body(challenge, others))
