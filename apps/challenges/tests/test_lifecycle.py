"""What follows when a challenge starts and ends, whoever moves it."""

import pytest
from django.test import override_settings

from apps import testing
from apps.accounts.models import User
from apps.challenges.models import Challenge, Membership
from apps.challenges.services import lifecycle
from apps.challenges.tests.steps import membership, people, stored, told
from apps.core import clock
from apps.core.clock import DAY
from apps.notifications.models import Notification

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

TODAY = testing.NOON
STARTED = ("challenge_started", "Challenge started!", "'Moves' has started.")


def make(owner, *members, rates=(), **columns):
    """Ten days of one habit; `rates` are the members' check-ins, the owner's first."""
    dates = {"start_date": TODAY.date() - DAY, "end_date": TODAY.date() + 8 * DAY}
    challenge = testing.make_challenge(owner, *members, habits=1, name="Moves", **dates | columns)
    for user, done in zip((owner, *members), rates, strict=False):
        Membership.objects.filter(challenge=challenge, user=user).update(total_checkins=done)
    return challenge


def completed(user):
    return User.objects.get(pk=user.pk).total_challenges_completed


class TestActivate:
    def test_it_works(self, owner, member, outsider):
        challenge = make(owner, member, outsider, status="pending")
        with clock.standing_at(TODAY + DAY):
            lifecycle.activate(challenge, actor_id=member.id, today=TODAY.date())
        assert (challenge.status, stored(challenge).status) == ("active", "active")
        assert stored(challenge).updated_at == TODAY + DAY
        assert [told(user) for user in (owner, member, outsider)] == [[STARTED], [], [STARTED]]
        told_owner = Notification.objects.get(user=owner)
        assert told_owner.data == {"challenge_id": str(challenge.id)}
        assert told_owner.action_url == f"/challenges/{challenge.id}"
        assert told_owner.dedupe_key == f"challenge_started:{challenge.id}"

    def test_it_tells_active_members_only(self, owner, member):
        challenge = make(owner, status="pending")
        for status in ("pending", "left", "kicked"):
            testing.add_member(challenge, testing.make_user(), status=status)
        lifecycle.activate(challenge, actor_id=None, today=TODAY.date())
        assert [row.user_id for row in Notification.objects.all()] == [owner.id]

    def test_it_happens_once(self, owner):
        challenge = make(owner, status="pending")
        before = stored(challenge)
        for seen in (challenge, before):  # the second has not noticed
            lifecycle.activate(seen, actor_id=None, today=TODAY.date())
        assert told(owner) == [STARTED]

    @pytest.mark.parametrize("status", ["completed", "failed", "archived"])
    def test_it_moves_nothing_that_is_not_pending(self, owner, status):
        challenge = make(owner, status=status)
        lifecycle.activate(challenge, actor_id=None, today=TODAY.date())
        assert (stored(challenge).status, challenge.status, told(owner)) == (status, status, [])

    def test_it_tells_nobody_after_the_last_day(self, owner):
        challenge = make(owner, status="pending")
        lifecycle.activate(challenge, actor_id=None, today=challenge.end_date + DAY)
        assert (stored(challenge).status, told(owner)) == ("active", [])
        last = make(owner, status="pending")
        lifecycle.activate(last, actor_id=None, today=last.end_date)
        assert told(owner) == [STARTED]

    def test_it_costs_three_queries(self, owner, django_assert_num_queries):
        for count in (2, 20):
            challenge = make(owner, *people(count), status="pending", max_members=50)
            with django_assert_num_queries(3):
                lifecycle.activate(challenge, actor_id=None, today=TODAY.date())


class TestClose:
    def test_it_works(self, owner, member, outsider):
        challenge = make(owner, member, outsider, rates=(10, 8, 7))
        with clock.standing_at(TODAY + DAY):
            lifecycle.close(challenge, status="completed", actor_id=owner.id)
        closed = stored(challenge)
        assert (closed.status, str(closed.completion_rate), closed.updated_at) == ("completed", "83.33", TODAY + DAY)
        assert challenge.status == "completed"
        sentence = ("challenge_completed", "Challenge completed!", "'Moves' is completed: 83.33 %.")
        assert [told(user) for user in (owner, member, outsider)] == [[], [sentence], [sentence]]
        row = Notification.objects.get(user=member)
        rate = {"status": "completed", "completion_rate": 83.33}
        assert row.data == {"challenge_id": str(challenge.id)} | rate
        assert row.action_url == f"/challenges/{challenge.id}"
        assert row.dedupe_key == f"challenge_completed:{challenge.id}"
        assert [completed(user) for user in (owner, member, outsider)] == [1, 1, 1]
        assert all(Membership.objects.values_list("is_completed", flat=True))

    def test_it_says_when_it_failed(self, owner, member):
        challenge = make(owner, member, rates=(10, 10))
        lifecycle.close(challenge, status="failed", actor_id=None)
        assert told(owner) == [("challenge_completed", "Challenge ended", "'Moves' has ended at 100 %.")]
        assert Notification.objects.filter(data__status="failed", data__completion_rate=100).count() == 2
        assert str(stored(challenge).completion_rate) == "100.00"
        assert (completed(owner), membership(challenge, owner).is_completed) == (0, False)

    @pytest.mark.parametrize(("done", "shown"), [(0, "0"), (7, "70"), (1, "10")])
    def test_it_writes_rates_without_trailing_zeros(self, owner, done, shown):
        lifecycle.close(make(owner, rates=(done,)), status="failed", actor_id=None)
        assert told(owner)[0][2] == f"'Moves' has ended at {shown} %."

    @pytest.mark.parametrize(("rates", "success"), [((8, 8), 1), ((10, 6), 1), ((8, 7), 0), ((0, 0), 0)])
    def test_it_counts_a_success_from_the_threshold_on(self, owner, member, rates, success):
        challenge = make(owner, member, rates=rates)
        lifecycle.close(challenge, status="completed", actor_id=None)
        assert [completed(user) for user in (owner, member)] == [success, success]
        assert set(Membership.objects.values_list("is_completed", flat=True)) == {bool(success)}

    @override_settings(CHALLENGE_SUCCESS_THRESHOLD=75)
    def test_its_threshold_is_a_setting(self, owner, member):
        lifecycle.close(make(owner, member, rates=(8, 7)), status="completed", actor_id=None)
        assert completed(owner) == 1

    def test_it_judges_success_before_rounding(self, owner):
        """29,279 of 36,600 are 79.997 %: shown as 80 %, but less."""
        members = people(24)
        dates = {"start_date": TODAY.date(), "end_date": TODAY.date() + 365 * DAY}
        challenge = testing.make_challenge(owner, *members, habits=4, max_members=50, **dates)
        Membership.objects.update(total_checkins=1171)
        Membership.objects.filter(user=owner).update(total_checkins=29279 - 24 * 1171)
        lifecycle.close(challenge, status="completed", actor_id=None)
        assert (str(stored(challenge).completion_rate), completed(owner)) == ("80.00", 0)

    def test_it_counts_active_members_only(self, owner):
        challenge = make(owner, rates=(10,))
        others = {status: testing.make_user() for status in ("pending", "left", "kicked")}
        for status, user in others.items():
            testing.add_member(challenge, user, status=status)
        lifecycle.close(challenge, status="completed", actor_id=None)
        assert str(stored(challenge).completion_rate) == "100.00"
        assert [completed(user) for user in others.values()] == [0, 0, 0]
        assert Notification.objects.count() == Membership.objects.filter(is_completed=True).count() == 1

    def test_it_ends_at_zero_without_members(self, owner):
        challenge = make(owner)
        Membership.objects.all().delete()
        lifecycle.close(challenge, status="failed", actor_id=None)
        assert (stored(challenge).status, stored(challenge).completion_rate) == ("failed", 0)

    def test_it_happens_once(self, owner):
        challenge = make(owner, rates=(10,))
        before = stored(challenge)
        lifecycle.close(challenge, status="completed", actor_id=None)
        lifecycle.close(before, status="failed", actor_id=None)
        lifecycle.close(challenge, status="completed", actor_id=None)
        assert (stored(challenge).status, completed(owner), len(told(owner))) == ("completed", 1, 1)

    @pytest.mark.parametrize("status", ["pending", "failed", "archived"])
    def test_it_closes_active_ones_only(self, owner, status):
        challenge = make(owner, status=status, rates=(10,))
        lifecycle.close(challenge, status="completed", actor_id=None)
        assert (stored(challenge).status, completed(owner), told(owner)) == (status, 0, [])

    def test_it_cuts_a_long_name(self, owner):
        challenge = make(owner, rates=(10,))
        challenge.name = "n" * 600
        lifecycle.close(challenge, status="completed", actor_id=None)
        assert len(told(owner)[0][2]) == 500 and told(owner)[0][2].endswith("…")

    def test_it_costs_six_queries(self, owner, django_assert_num_queries):
        for count in (2, 20):
            members = people(count)
            challenge = make(owner, *members, rates=(10,) * (count + 1), max_members=50)
            with django_assert_num_queries(6):
                lifecycle.close(challenge, status="completed", actor_id=None)
        assert Challenge.objects.filter(status="completed").count() == 2
