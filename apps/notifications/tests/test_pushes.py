"""Pushes: written with their notification, sent to a server that the test starts, retried and given up."""

import socket
from datetime import timedelta

import pytest
from django.db import connection

from apps import testing
from apps.accounts.models import User
from apps.accounts.tests.people import at_once
from apps.core import clock
from apps.jobs.models import JobRun
from apps.jobs.registry import JOBS
from apps.jobs.services import run_job
from apps.notifications import pushes
from apps.notifications.models import Notification, NotificationType, Push
from apps.notifications.services import notify
from apps.notifications.tests.expo import Expo, listening

pytestmark = pytest.mark.django_db

NOW = testing.NOON
TOKEN = "ExponentPushToken[max]"


@pytest.fixture(autouse=True)
def expo(settings):
    expo = Expo()
    with listening(expo) as port, clock.standing_at(NOW):
        settings.EXPO_PUSH_URL = f"http://127.0.0.1:{port}/--/api/v2/push/send"
        settings.EXPO_ACCESS_TOKEN = "expo-secret"
        yield expo


@pytest.fixture
def phone(member):
    """Max, with a device."""
    User.objects.filter(pk=member.pk).update(push_token=TOKEN)
    return member


def tell(*users, **what):
    what = {"title": "New member!", "body": "Ute joined.", "data": {"challenge_id": "c1"}} | what
    notify([user.pk for user in users], NotificationType.MEMBER_JOINED, **what)


def send(after=timedelta()):
    with clock.standing_at(NOW + after):
        return dict(run_job("send-pushes").counts)


def counts(sent=0, postponed=0, dropped=0):
    return {"sent": sent, "postponed": postponed, "dropped": dropped}


class TestOutbox:
    def test_it_holds_what_is_told_to_somebody_with_a_device(self, phone, owner):
        tell(phone, owner)
        push = Push.objects.get()
        assert push.notification_id == Notification.objects.get(user=phone).pk
        assert (push.attempts, push.next_attempt_at) == (0, NOW)

    def test_it_stays_empty_without_an_access_token(self, phone, settings):
        settings.EXPO_ACCESS_TOKEN = ""
        tell(phone)
        assert not Push.objects.exists() and Notification.objects.exists()
        assert not JOBS["send-pushes"].is_on()

    def test_what_is_dropped_as_a_repetition_is_not_pushed(self, phone):
        for _ in range(2):
            tell(phone, dedupe_key="once")
        assert Push.objects.count() == 1

    def test_it_costs_no_statement_more(self, phone, django_assert_num_queries):
        with django_assert_num_queries(1):
            tell(phone)

    def test_it_goes_with_its_notification(self, phone, as_member):
        tell(phone)
        assert as_member.delete(f"/notifications/{Notification.objects.get().pk}").status_code == 204
        assert not Push.objects.exists()


class TestSending:
    def test_it_works(self, phone, expo):
        tell(phone)
        assert send() == counts(sent=1)
        message = {"to": TOKEN, "title": "New member!", "body": "Ute joined.", "data": {"challenge_id": "c1"}}
        assert expo.requests == [[message | {"sound": "default", "priority": "high", "badge": 1}]]
        assert expo.headers == [("/--/api/v2/push/send", "Bearer expo-secret", "application/json")]
        assert not Push.objects.exists()
        assert send() == counts() and len(expo.requests) == 1

    def test_it_sends_at_most_a_hundred_at_once(self, owner, expo):
        users = [testing.make_user(push_token=f"ExponentPushToken[{n}]") for n in range(101)]
        tell(*users)
        assert send() == counts(sent=101)
        assert [len(messages) for messages in expo.requests] == [100, 1]

    def test_nor_more_when_statistics_are_of_an_emptier_table(self, owner, expo):
        """A subquery that takes locks would then run once for each push, and take others each time."""
        tell(*(testing.make_user(push_token=f"ExponentPushToken[{n}]") for n in range(101)))
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE pg_class SET reltuples = 1, relpages = 1000"
                " WHERE relname IN ('push_outbox', 'notifications', 'users')"
            )
        assert send() == counts(sent=101)
        assert [len(messages) for messages in expo.requests] == [100, 1]

    def test_without_a_device_or_past_its_time_it_is_dropped(self, phone, owner, expo):
        User.objects.filter(pk=owner.pk).update(push_token="ExponentPushToken[olga]")
        tell(phone, owner)
        User.objects.filter(pk=phone.pk).update(push_token=None)
        User.objects.filter(pk=owner.pk).update(is_active=False)
        assert send() == counts(dropped=2)
        assert expo.requests == []

    def test_a_run_that_finds_nothing_is_no_news(self, phone):
        send()
        assert not JobRun.objects.exists()
        tell(phone)
        send()
        assert JobRun.objects.get().counts == counts(sent=1)

    def test_a_request_neither_waits_for_it_nor_fails(self, phone, owner, as_outsider, expo):
        expo.status = 500
        User.objects.filter(pk=owner.pk).update(push_token="ExponentPushToken[olga]")
        challenge = testing.make_challenge(owner)
        answer = as_outsider.post("/challenges/join", {"invite_code": challenge.invite_code})
        assert (answer.status_code, expo.requests, Push.objects.count()) == (200, [], 1)


class TestTrouble:
    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (500, None),
            (429, None),
            (302, None),
            (200, b"<html>"),
            (200, b"{}"),
            (200, b'{"data":[]}'),
            (200, b'{"data":[1]}'),
            (200, b'{"data":[{"status":"error","details":null}]}'),
            (200, b'{"data":[{"status":"error","details":{"error":"MessageRateExceeded"}}]}'),
        ],
    )
    def test_what_is_not_taken_is_tried_again_later(self, phone, expo, status, body):
        tell(phone)
        expo.status, expo.body = status, body
        assert send() == counts(postponed=1)
        assert send(pushes.PAUSES[0] - timedelta(seconds=1)) == counts()
        expo.status, expo.body = 200, None
        assert send(pushes.PAUSES[0]) == counts(sent=1)
        assert len(expo.requests) == 2

    def test_it_gives_up_after_five_attempts_with_growing_pauses(self, phone, expo, caplog):
        tell(phone)
        expo.status, after, found = 503, timedelta(), []
        for pause in pushes.PAUSES:
            found.append(send(after))
            after += pause
        assert found == [counts(postponed=1)] * 4 + [counts(dropped=1)]
        assert pushes.PAUSES == sorted(set(pushes.PAUSES)) and len(expo.requests) == 5
        assert send(after) == counts() and not Push.objects.exists()
        (dropped,) = [record for record in caplog.records if record.message == "push dropped"]
        assert dropped.fields["attempts"] == 5 and dropped.fields["error"] == "status 503"

    @pytest.mark.parametrize("error", ["DeviceNotRegistered", "MessageTooBig"])
    def test_what_no_repetition_helps_is_dropped_alone(self, phone, owner, expo, error):
        User.objects.filter(pk=owner.pk).update(push_token="ExponentPushToken[olga]")
        tell(phone, owner)
        expo.tickets = {TOKEN: {"status": "error", "message": "no", "details": {"error": error}}}
        assert send() == counts(sent=1, dropped=1)
        assert not Push.objects.exists()

    def test_nobody_there(self, phone, settings):
        settings.EXPO_PUSH_URL = "http://127.0.0.1:9/"
        tell(phone)
        assert send() == counts(postponed=1)

    def test_a_server_that_says_nothing_is_given_up(self, phone, settings, monkeypatch):
        monkeypatch.setattr(pushes, "TIMEOUT_SECONDS", 0.2)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            settings.EXPO_PUSH_URL = f"http://127.0.0.1:{silent.getsockname()[1]}/"
            tell(phone)
            assert send() == counts(postponed=1)

    def test_who_died_while_sending_is_followed_by_another(self, phone):
        tell(phone)
        assert [push.attempts for push in pushes.claim()] == [1]
        assert send() == counts()
        assert send(pushes.PAUSES[0]) == counts(sent=1)

    def test_who_died_at_the_last_attempt_is_not_followed(self, phone, expo):
        tell(phone)
        Push.objects.update(attempts=5)
        assert send() == counts(dropped=1)
        assert expo.requests == []

    def test_no_secret_is_logged(self, phone, expo, caplog):
        tell(phone)
        for status in (500, 200):
            expo.status = status
            send(timedelta(minutes=1))
        logged = " ".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
        assert "expo-secret" not in logged and TOKEN not in logged


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_four_machines_send_each_push_once(self, expo):
        users = [testing.make_user(push_token=f"ExponentPushToken[{n}]") for n in range(150)]
        tell(*users)
        found = at_once(*[send] * 4)
        assert sum(run["sent"] for run in found) + send()["sent"] == 150
        sent = sorted(message["to"] for messages in expo.requests for message in messages)
        assert sent == sorted(user.push_token for user in users)
