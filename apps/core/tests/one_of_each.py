"""Rows of every model that the staff site lists."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group

from apps import testing
from apps.accounts.models import LoginFailure, Session, User
from apps.checkins.models import CheckIn
from apps.core import clock
from apps.jobs.models import JobRun
from apps.notifications.models import Notification, Push
from apps.social.models import Hitch

# Digits as letters which no search of the tests has: a name that is found, or not, in every run alike.
LETTERS = str.maketrans("0123456789", "ghijklmnop")


def build(count: int) -> None:
    """`count` rows of everything, each with relations of its own. The planner knows of them, since lists ask it."""
    for _ in range(count):
        user = testing.make_user("Ann Lee", bio="two\nlines")
        User.objects.filter(pk=user.pk).update(push_token=f"ExponentPushToken[{user.pk}]")
        testing.token_for(user)
        Session.objects.filter(user=user).update(previous_refresh_hash=user.pk.hex * 2)
        LoginFailure.objects.create(email_hash=user.pk.hex * 2, failures=5, window_started_at=clock.now())
        habit = testing.make_habit(user)
        bob = testing.make_user("Bob")
        challenge = testing.make_challenge(user, bob)
        testing.make_friendship(user, bob)
        CheckIn.objects.create(
            challenge=challenge, habit=habit, user=user, checkin_date=clock.now().date(), points_earned=10
        )
        told = Notification.objects.create(user=user, type="member_joined", title="New member!", body="Bob joined.")
        Push.objects.create(notification=told, next_attempt_at=clock.now())
        day, target = clock.now().date(), testing.make_user("Cid")
        Hitch.objects.create(challenge=challenge, habit=habit, sender=user, target=target, hitch_date=day)
        JobRun.objects.create(name="clean-up", started_at=clock.now(), duration_ms=1, outcome="done")
        Group.objects.create(name="group " + str(Group.objects.count()).translate(LETTERS))
        LogEntry.objects.log_actions(user.pk, [user], CHANGE, "Because.")
    testing.analyze()
