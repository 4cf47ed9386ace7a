"""POST /hitch (contract 3.9, 5.2)."""

from datetime import timedelta

import pytest

from apps import testing
from apps.accounts.models import User
from apps.accounts.tests.people import violations
from apps.challenges.models import Challenge, ChallengeHabit, Membership
from apps.challenges.tests.steps import NOBODY, people, read
from apps.checkins.models import CheckIn
from apps.checkins.tests.steps import check_in, make_row, moment
from apps.core import clock
from apps.core.clock import DAY
from apps.core.tests.freshness import watched
from apps.notifications.models import Notification, NotificationType, Push
from apps.profiling.tests.counting import counting
from apps.social.models import Hitch
from apps.social.tests.hitching import HABIT, body, give, hitch, left, refused

pytestmark = pytest.mark.django_db

NOON = moment("2026-03-02T12:00Z")
TODAY = NOON.date()


@pytest.fixture(autouse=True)
def noon():
    with clock.standing_at(NOON):
        yield


@pytest.fixture
def friend():
    return testing.make_user("Fay")


@pytest.fixture
def challenge(owner, member, friend):
    return testing.make_challenge(owner, member, friend, name="March moves")


def lives(user, **columns):
    User.objects.filter(pk=user.pk).update(**columns)


def logged():
    return set(Hitch.objects.values_list("challenge", "habit", "sender", "target", "hitch_date", "created_at"))


def reminded():
    return set(Notification.objects.filter(type="hitch_reminder").values_list("user", flat=True))


class TestHitch:
    def test_it_works(self, challenge, owner, member, friend):
        answer = hitch(owner, challenge, member, friend)
        assert (answer.status_code, answer.json()) == (
            200,
            {
                "success": True,
                "hitches_sent": 2,
                "remaining_hitches": 1,
                "message": "Sent 2 reminders. 1 hitch remaining.",
            },
        )
        assert logged() == {(challenge.pk, HABIT, owner.pk, one.pk, TODAY, NOON) for one in (member, friend)}
        assert (left(challenge, owner), left(challenge, member)) == (1, 2)

    def test_who_is_reminded_is_told(self, challenge, owner, member):
        hitch(owner, challenge, member)
        told = Notification.objects.values().get()
        assert told | {"id": None} == {
            "id": None,
            "user_id": member.pk,
            "type": NotificationType.HITCH_REMINDER,
            "title": "Reminder to check in",
            "body": "Olga reminds you: 'Morning Exercise' in 'March moves'.",
            "data": {
                "challenge_id": str(challenge.pk),
                "habit_id": str(HABIT),
                "sender_id": str(owner.pk),
                "habit_name": "Morning Exercise",
            },
            "action_url": f"/challenges/{challenge.pk}",
            "is_read": False,
            "read_at": None,
            "dedupe_key": None,
            "created_at": NOON,
            "expires_at": NOON + timedelta(hours=720),
        }

    def test_the_habit_is_called_as_its_members_call_it(self, challenge, owner, member):
        ChallengeHabit.objects.filter(challenge=challenge, habit=HABIT).update(custom_name="Push-ups")
        hitch(owner, challenge, member)
        told = Notification.objects.get()
        assert (told.body, told.data["habit_name"]) == (
            "Olga reminds you: 'Push-ups' in 'March moves'.",
            "Push-ups",
        )

    def test_the_longest_names_fit(self, challenge, owner, member):
        lives(owner, display_name="o" * 50)
        Challenge.objects.update(name="c" * 200)
        ChallengeHabit.objects.update(custom_name="h" * 100)
        assert hitch(owner, challenge, member).status_code == 200
        assert len(Notification.objects.get().body) < 500

    def test_numbers_and_words_agree(self, challenge, owner, member, friend):
        give(challenge, 4, owner)
        answers = [hitch(owner, challenge, member, friend), hitch(owner, challenge, member, habit=testing.HABITS[1])]
        answers.append(hitch(owner, challenge, friend, habit=testing.HABITS[1]))
        give(challenge, 1, member)
        answers.append(hitch(member, challenge, owner))
        assert [answer.json()["message"] for answer in answers] == [
            "Sent 2 reminders. 3 hitches remaining.",
            "Sent 1 reminder. 2 hitches remaining.",
            "Sent 1 reminder. 1 hitch remaining.",
            "Sent 1 reminder. 0 hitches remaining.",
        ]

    def test_ten_people_cost_one_hitch(self, owner):
        crowd = people(10)
        challenge = testing.make_challenge(owner, *crowd, max_members=50)
        answer = hitch(owner, challenge, *crowd)
        assert (answer.json()["hitches_sent"], left(challenge, owner)) == (10, 1)
        assert reminded() == {user.pk for user in crowd}

    def test_a_device_is_pushed_to(self, challenge, owner, member, friend, settings):
        settings.EXPO_ACCESS_TOKEN = "secret"
        lives(member, push_token="ExponentPushToken[max]")
        hitch(owner, challenge, member, friend)
        assert Push.objects.get().notification_id == Notification.objects.get(user=member).pk

    def test_a_pending_challenge_that_may_begin_accepts_it_and_stays_pending(self, challenge, owner, member):
        Challenge.objects.update(status="pending")
        assert hitch(owner, challenge, member).status_code == 200
        assert Challenge.objects.get().status == "pending"


class TestTargets:
    def test_duplicates_collapse(self, challenge, owner, member):
        answer = hitch(owner, challenge, member, member, str(member.pk).upper())
        assert (answer.json()["hitches_sent"], Hitch.objects.count(), Notification.objects.count()) == (1, 1, 1)

    def test_others_are_skipped_silently(self, challenge, owner, member, friend, outsider):
        gone = people(3)
        for user, status in zip(gone, ("left", "kicked", "pending"), strict=True):
            testing.add_member(challenge, user, status=status)
        check_in(friend, challenge)
        answer = hitch(owner, challenge, owner, outsider, NOBODY, friend, member, *gone)
        assert (answer.status_code, answer.json()["hitches_sent"]) == (200, 1)
        assert reminded() == {member.pk}

    def test_who_was_hitched_today_is_skipped(self, challenge, owner, member, friend):
        hitch(owner, challenge, member)
        answer = hitch(owner, challenge, member, friend)
        assert (answer.json()["hitches_sent"], answer.json()["remaining_hitches"]) == (1, 0)
        assert Notification.objects.filter(user=member).count() == 1

    def test_only_this_habit_in_this_challenge_by_this_sender_counts(self, challenge, owner, member, friend):
        other = testing.make_challenge(owner, member)
        hitch(owner, challenge, member)
        assert hitch(owner, challenge, member, habit=testing.HABITS[1]).status_code == 200
        assert hitch(owner, other, member).status_code == 200
        assert hitch(friend, challenge, member).status_code == 200

    def test_tomorrow_is_another_day(self, challenge, owner, member):
        hitch(owner, challenge, member)
        with clock.standing_at(moment("2026-03-02T23:59:59Z")):
            assert refused(hitch(owner, challenge, member)) == (400, "no_valid_targets", 1)
        with clock.standing_at(moment("2026-03-03T00:00:00Z")):
            assert hitch(owner, challenge, member).status_code == 200

    def test_the_day_of_the_sender_is_logged(self, challenge, owner, member):
        lives(owner, timezone="Pacific/Kiritimati")
        hitch(owner, challenge, member)
        assert Hitch.objects.get().hitch_date == TODAY + DAY
        with clock.standing_at(moment("2026-03-03T00:00Z")):
            assert refused(hitch(owner, challenge, member))[1] == "no_valid_targets"
        with clock.standing_at(moment("2026-03-03T10:00Z")):
            assert hitch(owner, challenge, member).status_code == 200

    @pytest.mark.parametrize(("status", "code"), [("verified", 400), ("rejected", 200), ("pending", 200)])
    def test_a_check_in_that_counts_is_one(self, challenge, owner, member, status, code):
        make_row(member, challenge, TODAY, status=status)
        assert hitch(owner, challenge, member).status_code == code

    def test_another_habit_another_day_or_another_challenge_is_none(self, challenge, owner, member):
        check_in(member, challenge, 2)
        check_in(member, testing.make_challenge(owner, member), 1)
        make_row(member, challenge, TODAY - DAY)
        assert hitch(owner, challenge, member).status_code == 200

    @pytest.mark.parametrize(
        ("zone", "floor", "done", "is_reachable"),
        [
            ("Pacific/Kiritimati", None, TODAY + DAY, False),
            ("Pacific/Kiritimati", None, TODAY, True),
            ("Pacific/Pago_Pago", None, TODAY, True),
            ("Pacific/Pago_Pago", None, TODAY - DAY, False),
            ("Pacific/Pago_Pago", TODAY, TODAY, False),
            ("Pacific/Pago_Pago", TODAY, TODAY - DAY, True),
            ("Pacific/Pago_Pago", TODAY + DAY, TODAY + DAY, False),
        ],
    )
    def test_the_day_of_each_target_counts(self, challenge, owner, member, zone, floor, done, is_reachable):
        """It is half past midnight in Kiritimati, of tomorrow, and an hour before it in Pago Pago, of yesterday."""
        with clock.standing_at(moment("2026-03-02T10:30Z")):
            lives(member, timezone=zone, day_floor=floor)
            make_row(member, challenge, done)
            assert hitch(owner, challenge, member).status_code == (200 if is_reachable else 400)

    def test_a_check_in_that_was_taken_back_is_none(self, challenge, owner, member):
        check_in(member, challenge)
        CheckIn.objects.all().delete()
        assert hitch(owner, challenge, member).status_code == 200


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


class TestFreshness:
    def test_everybody_sees_it_at_once(self, challenge, owner, member, as_owner, as_member):
        """No cached value holds what is left: the detail is read from the database each time."""
        before = as_owner.get(f"/challenges/{challenge.pk}")["ETag"]
        with watched(as_owner, as_member) as cost:
            assert as_owner.post("/hitch", body(challenge, [member])).status_code == 200
        assert cost.redis == 2
        assert as_member.get("/notifications/unread/count").json() == {"count": 1}
        assert read(owner, challenge)["my_stats"]["hitch_count"] == 1
        again = as_owner.get(f"/challenges/{challenge.pk}", headers={"If-None-Match": before})
        assert again.status_code == 200 and again["ETag"] != before

    def test_a_refusal_expires_nothing(self, challenge, as_owner, outsider):
        with watched(as_owner) as cost:
            assert as_owner.post("/hitch", body(challenge, [outsider])).status_code == 400
        assert cost.redis == 1


class TestCost:
    def test_it_is_five_statements_for_one_and_for_ten(self, owner):
        crowd = people(12)
        challenge = testing.make_challenge(owner, *crowd, max_members=50)
        api, found = testing.Api(owner), []
        for targets in (crowd[:1], crowd[1:11]):
            testing.forget()
            with counting() as cost:
                assert api.post("/hitch", body(challenge, targets)).status_code == 200
            found.append(cost.fingerprints)
        assert found[0] == found[1] and len(found[0]) == 5
