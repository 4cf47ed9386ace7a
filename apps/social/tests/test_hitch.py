"""POST /hitch (contract 3.9, 5.2): what it answers, logs and tells."""

from datetime import timedelta

import pytest

from apps import testing
from apps.challenges.models import Challenge, ChallengeHabit
from apps.challenges.tests.steps import people, read
from apps.core.tests.freshness import watched
from apps.notifications.models import Notification, NotificationType, Push
from apps.profiling.tests.counting import counting
from apps.social.tests.hitching import (
    HABIT,
    NOON,
    TODAY,
    body,
    challenge,
    friend,
    give,
    hitch,
    left,
    lives,
    logged,
    reminded,
)

__all__ = ["challenge", "friend"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


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
