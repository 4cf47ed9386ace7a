"""What is deleted at three in the morning, and what stays."""

from datetime import datetime, timedelta

import pytest
from django.test import override_settings

from apps.accounts.models import LoginFailure, Session
from apps.accounts.tests.people import at_once
from apps.core import clock
from apps.jobs import purging
from apps.jobs.models import JobRun
from apps.jobs.purging import PURGES
from apps.jobs.services import run_job
from apps.notifications.models import Notification, Push
from apps.notifications.tests.notices import make_expired, make_notice

pytestmark = pytest.mark.django_db

NOW = datetime.fromisoformat("2026-03-02T03:00Z")
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture(autouse=True)
def three():
    with clock.standing_at(NOW):
        yield


def clean_up():
    run = run_job("clean-up")
    assert run.outcome == "done", run.error
    return {name: count for name, count in run.counts.items() if count}


def session(user, **columns):
    name = f"{Session.objects.count():064}"
    return Session.objects.create(user=user, refresh_hash=name, **{"expires_at": NOW + HOUR} | columns)


def failure(number, **columns):
    return LoginFailure.objects.create(email_hash=f"{number:064}", failures=3, **columns)


def left(model):
    return set(model.objects.values_list("pk", flat=True))


class TestCleanUp:
    def test_it_knows_what_the_apps_have_named(self):
        assert PURGES.keys() >= {"job_runs", "sessions", "login_failures", "notifications"}
        assert run_job("clean-up").counts == dict.fromkeys(PURGES, 0)

    def test_notifications_that_have_expired_go(self, member, as_member):
        gone, pushed = make_expired(member), make_expired(member, is_read=True)
        Push.objects.create(notification=pushed, next_attempt_at=NOW)
        stays = {make_notice(member).pk, make_notice(member, expires_at=None).pk}
        stays.add(make_notice(member, expires_at=NOW + SECOND).pk)
        assert clean_up() == {"notifications": 2}
        assert left(Notification) == stays and gone.pk not in stays
        assert left(Push) == set()

    def test_the_count_of_unread_ones_is_read_again(self, member, as_member):
        make_notice(member, expires_at=NOW + SECOND)
        assert as_member.get("/notifications/unread/count").json() == {"count": 1}
        with clock.standing_at(NOW + SECOND):
            clean_up()
            assert as_member.get("/notifications/unread/count").json() == {"count": 0}

    def test_sessions_past_their_end_go(self, member):
        session(member, expires_at=NOW)
        session(member, expires_at=NOW - HOUR, revoked_at=NOW - 2 * HOUR)
        stays = {session(member, expires_at=NOW + SECOND).pk, session(member, revoked_at=NOW - 2 * HOUR).pk}
        assert clean_up() == {"sessions": 2}
        assert left(Session) == stays

    @override_settings(ACCESS_TOKEN_LIFETIME_MINUTES=60)
    def test_a_revoked_session_stays_while_an_access_token_of_it_may_live(self, member):
        kept = session(member, expires_at=NOW, revoked_at=NOW - HOUR + SECOND)
        session(member, expires_at=NOW, revoked_at=NOW - HOUR)
        assert clean_up() == {"sessions": 1}
        assert left(Session) == {kept.pk}

    def test_failures_that_nobody_repeats_for_a_day_go(self):
        failure(1, window_started_at=NOW - 24 * HOUR)
        failure(2, window_started_at=NOW - 25 * HOUR, locked_until=NOW)
        stays = {failure(3, window_started_at=NOW - 24 * HOUR + SECOND).pk}
        stays.add(failure(4, window_started_at=NOW - 25 * HOUR, locked_until=NOW + SECOND).pk)
        assert clean_up() == {"login_failures": 2}
        assert left(LoginFailure) == stays

    def test_the_run_log_is_kept_for_thirty_days(self):
        old = {"name": "clean-up", "duration_ms": 1, "outcome": "done"}
        JobRun.objects.create(started_at=NOW - timedelta(days=30), **old)
        kept = JobRun.objects.create(started_at=NOW - timedelta(days=30) + SECOND, **old)
        assert clean_up() == {"job_runs": 1}
        assert kept.pk in left(JobRun)

    def test_a_second_run_finds_nothing(self, member):
        make_expired(member)
        assert [clean_up(), clean_up()] == [{"notifications": 1}, {}]

    def test_it_goes_on_page_by_page(self, member, monkeypatch):
        monkeypatch.setattr(purging, "PAGE", 3)
        for _ in range(7):
            make_expired(member)
        assert clean_up() == {"notifications": 7}

    def test_one_that_fails_leaves_the_others(self, member, monkeypatch):
        make_expired(member)
        session(member, expires_at=NOW)

        def broken(now):
            raise ValueError("no such table")

        monkeypatch.setitem(PURGES, "sessions", PURGES["sessions"]._replace(rows=broken))
        run = run_job("clean-up")
        assert (run.outcome, run.counts["notifications"]) == ("failed", 1)
        assert run.error == "ValueError: no such table"


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_machines_delete_each_row_once(self, member):
        for _ in range(30):
            make_expired(member)
        counts = at_once(*[clean_up] * 3)
        assert sum(found.get("notifications", 0) for found in [*counts, clean_up()]) == 30
        assert left(Notification) == set()
