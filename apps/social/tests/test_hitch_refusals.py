"""POST /hitch (contract 3.9, 5.2): what it refuses."""

import pytest

from apps import testing
from apps.accounts.tests.people import violations
from apps.challenges.models import Challenge, Membership
from apps.challenges.tests.steps import NOBODY
from apps.checkins.tests.steps import check_in
from apps.core.clock import DAY
from apps.notifications.models import Notification
from apps.social.tests.hitching import (
    HABIT,
    TODAY,
    body,
    challenge,
    friend,
    give,
    hitch,
    left,
    lives,
    logged,
    refused,
)

__all__ = ["challenge", "friend"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


class TestRefusals:
    def test_an_unknown_challenge(self, challenge, owner, member):
        answer = testing.Api(owner).post("/hitch", body(challenge, [member]) | {"challenge_id": NOBODY})
        assert (refused(answer), set(answer.json())) == ((404, "challenge_not_found", None), {"detail", "code"})

    @pytest.mark.parametrize("status", ["left", "kicked", "pending", None])
    def test_who_is_no_member(self, challenge, outsider, member, status):
        if status:
            testing.add_member(challenge, outsider, status=status)
        assert refused(hitch(outsider, challenge, member)) == (403, "not_a_member", None)

    @pytest.mark.parametrize("habit", [NOBODY, testing.HABITS[5]])
    def test_a_habit_that_is_unknown_or_elsewhere(self, challenge, owner, member, habit):
        answer = hitch(owner, challenge, member, habit=habit)
        assert (refused(answer), answer.json()["detail"]) == ((404, "habit_not_found", 2), "Habit not found.")

    @pytest.mark.parametrize("status", ["completed", "failed", "archived"])
    def test_a_challenge_that_is_closed(self, challenge, owner, member, status):
        Challenge.objects.update(status=status)
        assert refused(hitch(owner, challenge, member)) == (400, "challenge_closed", 2)

    def test_a_challenge_that_is_over_where_the_sender_lives(self, challenge, owner, member):
        Challenge.objects.update(start_date=TODAY - 9 * DAY, end_date=TODAY)
        lives(owner, timezone="Pacific/Kiritimati")
        assert refused(hitch(owner, challenge, member)) == (400, "challenge_closed", 2)
        assert hitch(member, challenge, owner).status_code == 200

    def test_a_challenge_that_has_not_begun_where_the_sender_lives(self, challenge, owner, member):
        Challenge.objects.update(start_date=TODAY + DAY)
        answer = hitch(owner, challenge, member)
        assert refused(answer) == (400, "challenge_not_started", 2)
        assert answer.json()["detail"] == "This challenge starts on 2026-03-03."
        lives(owner, timezone="Pacific/Kiritimati")
        assert hitch(owner, challenge, member).status_code == 200

    def test_who_has_none_left(self, challenge, owner, member):
        give(challenge, 0, owner)
        answer = hitch(owner, challenge, member)
        assert answer.json() == {
            "detail": "No hitches remaining in this challenge.",
            "code": "no_hitches_remaining",
            "remaining_hitches": 0,
        }

    def test_nobody_to_remind(self, challenge, owner, outsider):
        answer = hitch(owner, challenge, outsider, owner)
        assert answer.json() == {
            "detail": "No valid targets: nobody can be reminded now.",
            "code": "no_valid_targets",
            "remaining_hitches": 2,
        }

    def test_they_come_in_the_order_of_the_contract(self, challenge, owner, outsider):
        """All of it is wrong at first, and then one thing after the other is mended."""
        Challenge.objects.update(status="failed", start_date=TODAY + 2 * DAY)
        testing.add_member(challenge, outsider, status="left", hitch_count=0)
        wrong = body(challenge, [NOBODY], NOBODY) | {"challenge_id": NOBODY}
        found = []

        def ask(**mended):
            wrong.update(mended)
            found.append(refused(testing.Api(outsider).post("/hitch", wrong))[1])

        ask()
        ask(challenge_id=challenge.pk)
        Membership.objects.filter(user=outsider).update(status="active")
        ask()
        ask(habit_id=HABIT)
        Challenge.objects.update(status="active")
        ask()
        Challenge.objects.update(start_date=TODAY)
        ask()
        give(challenge, 1, outsider)
        ask()
        assert found == [
            "challenge_not_found",
            "not_a_member",
            "habit_not_found",
            "challenge_closed",
            "challenge_not_started",
            "no_hitches_remaining",
            "no_valid_targets",
        ]
        assert testing.Api(outsider).post("/hitch", wrong | {"target_user_ids": [owner.pk]}).status_code == 200

    def test_they_cost_nothing_and_leave_nothing(self, challenge, owner, member, outsider):
        check_in(member, challenge)
        Notification.objects.all().delete()
        assert hitch(owner, challenge, member, outsider).status_code == 400
        assert hitch(owner, challenge, member, habit=NOBODY).status_code == 404
        assert (left(challenge, owner), logged(), Notification.objects.count()) == (2, set(), 0)


class TestInput:
    @pytest.mark.parametrize(
        ("targets", "kind"),
        [
            ([], "empty"),
            ([NOBODY] * 11, "max_length"),
            ("x", "not_a_list"),
            (["x"], "invalid"),
            (None, "null"),
            ([1], "invalid"),
        ],
    )
    def test_one_to_ten_ids(self, challenge, as_owner, targets, kind):
        answer = as_owner.post("/hitch", body(challenge, []) | {"target_user_ids": targets})
        assert violations(answer) == [("target_user_ids", kind)]

    def test_everything_is_required(self, as_owner):
        names = ("challenge_id", "habit_id", "target_user_ids")
        assert violations(as_owner.post("/hitch", {})) == [(name, "required") for name in names]

    def test_nobody_without_a_token(self, challenge, anonymous, member):
        assert anonymous.post("/hitch", body(challenge, [member])).status_code == 401
