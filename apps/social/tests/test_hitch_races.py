"""Hitches at once, with real threads on the real database: as if one came after the other."""

import pytest

from apps import testing
from apps.accounts.tests.people import at_once
from apps.challenges.models import Challenge, Membership
from apps.challenges.tests.steps import people
from apps.checkins.models import CheckIn
from apps.core import clock
from apps.core.clock import DAY
from apps.notifications.models import Notification
from apps.social.models import Hitch
from apps.social.tests.hitching import HABIT, body, give, left, refused

pytestmark = [
    pytest.mark.races,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("noon", "no_deadlock"),
]

TODAY = testing.NOON
ROUNDS, FEW, CALLS = 8, 3, 10


def rounds(count=ROUNDS):
    """Each is a new day: whoever was hitched can be hitched again."""
    for number in range(count):
        with clock.standing_at(TODAY + number * DAY):
            yield number


def hitching(sender, challenge, *targets, habit=HABIT, key=None):
    """A call that hitches; its token is made before the race."""
    api = testing.Api(sender)
    headers = {"Idempotency-Key": key} if key else {}
    return lambda: api.post("/hitch", body(challenge, targets, habit), headers=headers)


def checking_in(user, challenge):
    api = testing.Api(user)
    return lambda: api.post("/checkins", {"challenge_id": challenge.pk, "habit_id": HABIT})


def sent(answers):
    return [answer.json() for answer in answers if answer.status_code == 200]


def refusals(answers):
    return {refused(answer) for answer in answers if answer.status_code != 200}


class TestQuota:
    def test_with_one_hitch_one_of_many_calls_is_sent__hc35(self, owner):
        """Each to somebody else: only the quota refuses."""
        crowd = people(CALLS)
        challenge = testing.make_challenge(owner, *crowd, max_members=50)
        for number in rounds():
            give(challenge, 1, owner)
            answers = at_once(*[hitching(owner, challenge, user) for user in crowd])
            assert [told["remaining_hitches"] for told in sent(answers)] == [0]
            assert refusals(answers) == {(400, "no_hitches_remaining", 0)}
            assert left(challenge, owner) == 0
            assert (Hitch.objects.count(), Notification.objects.count()) == (number + 1, number + 1)

    def test_each_is_told_exactly_what_remains__hc35(self, owner):
        crowd = people(CALLS)
        challenge = testing.make_challenge(owner, *crowd, max_members=50)
        for _ in rounds(FEW):
            give(challenge, 4, owner)
            answers = at_once(*[hitching(owner, challenge, user) for user in crowd])
            assert sorted(told["remaining_hitches"] for told in sent(answers)) == [0, 1, 2, 3]
            assert refusals(answers) == {(400, "no_hitches_remaining", 0)}
            assert left(challenge, owner) == 0

    def test_equal_calls_remind_once_and_cost_once__hc35(self, owner, member):
        challenge = testing.make_challenge(owner, member)
        for number in rounds(FEW):
            give(challenge, 2, owner)
            answers = at_once(*[hitching(owner, challenge, member)] * CALLS)
            assert [(told["hitches_sent"], told["remaining_hitches"]) for told in sent(answers)] == [(1, 1)]
            assert refusals(answers) == {(400, "no_valid_targets", 1)}
            assert (left(challenge, owner), Notification.objects.filter(user=member).count()) == (1, number + 1)

    def test_overlapping_targets_are_reminded_once_each(self, owner):
        crowd = people(6)
        challenge = testing.make_challenge(owner, *crowd, max_members=50)
        for number in rounds(FEW):
            give(challenge, 9, owner)
            answers = at_once(*[hitching(owner, challenge, *crowd[start : start + 3]) for start in range(4)])
            told = sent(answers)
            assert sum(one["hitches_sent"] for one in told) == 6
            assert left(challenge, owner) == 9 - len(told)
            assert Notification.objects.count() == Hitch.objects.count() == 6 * (number + 1)

    def test_a_key_at_once_costs_once(self, owner, member):
        challenge = testing.make_challenge(owner, member)
        for number in rounds(FEW):
            give(challenge, 2, owner)
            answers = at_once(*[hitching(owner, challenge, member, key=f"k{number}")] * 6)
            assert {answer.status_code for answer in answers} <= {200, 409}
            assert len({answer.content for answer in answers if answer.status_code == 200}) == 1
            assert left(challenge, owner) == 1

    def test_everybody_hitches_everybody_while_they_check_in(self, owner):
        crowd = [owner, *people(4)]
        challenge = testing.make_challenge(*crowd, max_members=50)
        for number in rounds(FEW):
            give(challenge, 2)
            calls = [hitching(user, challenge, *crowd) for user in crowd]
            calls += [checking_in(user, challenge) for user in crowd[:2]]
            answers = at_once(*calls)
            assert {answer.status_code for answer in answers} <= {200, 201, 400}
            assert CheckIn.objects.count() == 2 * (number + 1)
            assert set(Membership.objects.values_list("hitch_count", flat=True)) <= {1, 2}


class TestEnds:
    """Nobody is reminded of a challenge that has ended, or after leaving, once that has answered."""

    def test_closing_and_leaving_come_before_or_after(self, owner, member, outsider):
        for _ in range(FEW):
            challenge = testing.make_challenge(owner, member, outsider)
            before = Notification.objects.filter(type="hitch_reminder").count()
            closer, leaver = testing.Api(owner), testing.Api(member)
            answers = at_once(
                hitching(outsider, challenge, member),
                lambda closer=closer, path=f"/challenges/{challenge.pk}": closer.delete(path),
                lambda leaver=leaver, path=f"/challenges/{challenge.pk}/leave": leaver.post(path),
            )
            assert [answer.status_code for answer in answers[1:]] == [204, 200]
            told = Notification.objects.filter(type="hitch_reminder").count() - before
            assert told == (1 if answers[0].status_code == 200 else 0)
            assert refusals(answers[:1]) <= {(400, "challenge_closed", 2), (400, "no_valid_targets", 2)}
            assert Challenge.objects.get(pk=challenge.pk).status == "archived"
