"""The plan of every statement of every scenario, on data as large as life. Alone: bin/test -m plans.

Functions, not classes: xdist may give each class to another worker, and the data are made once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.db.models import Count
from django.test import TestCase, override_settings

from apps import testing
from apps.accounts.models import Session
from apps.accounts.tokens import fingerprint
from apps.challenges.models import Challenge, Membership
from apps.checkins.models import CheckIn
from apps.core import clock
from apps.jobs.services import run_job
from apps.notifications import pushes
from apps.notifications.models import Notification
from apps.profiling import plan_data, plans
from apps.profiling.plan_recording import explained
from apps.profiling.tests.plan_database import database_of_tests, plan_database
from apps.profiling.tests.scenarios import SCENARIOS
from apps.profiling.tests.scenarios.extremes import WORLDS, Worlds
from apps.profiling.tests.test_indexes import BUILT
from apps.social.models import Friendship

pytestmark = [pytest.mark.plans, pytest.mark.direct("it copies its database, which a pooler holds open")]

# What reads comes first: a row that was changed, even if that is undone, makes index-only scans look it up.
READS_FIRST = sorted(SCENARIOS, key=lambda scenario: scenario.method != "GET")
BY_NAME = {str(scenario): scenario for scenario in SCENARIOS}


@pytest.fixture(scope="module")
def worlds(django_db_setup, django_db_blocker):
    """20,000 users, 300,000 check-ins; and on top of them those whose requests are made."""
    with (
        django_db_blocker.unblock(),
        clock.standing_at(testing.NOON),  # no midnight between the data and the requests
        override_settings(CACHE_ENABLED=False, HITCH_DAILY_REFILL=True),
        database_of_tests(connection),
    ):
        indexes = index_definitions()
        with plan_database(connection) as marks:
            assert index_definitions() == indexes, "filling has changed an index"
            yield Worlds(marks)


@pytest.fixture(scope="module")
def sizes(worlds):
    """Rows by table."""
    return plans.table_sizes(connection)


@pytest.fixture(scope="module")
def marks(worlds):
    return worlds.marks


@pytest.fixture
def plans_of(worlds):
    """The statements of a scenario in a world, with their plans. All it does is undone."""

    def plans_of(scenario, name: str, before: str = "") -> list:
        with undone():
            run(before)
            request = scenario.build(worlds.make(name))
            with explained(connection) as statements, TestCase.captureOnCommitCallbacks(execute=True):
                answer = request()
        assert answer.status_code == scenario.status, answer.content
        return statements

    return plans_of


@pytest.fixture
def problems(plans_of, sizes):
    """What is wrong with the statements of a scenario in a world."""

    def problems(scenario, name: str, before: str = "") -> list[str]:
        buffers = scenario.buffers.get(name, plans.BUFFERS)
        statements = plans_of(scenario, name, before)
        broken = ((one, plans.violations(one.plan, sizes, buffers=buffers)) for one in statements)
        return [described(scenario, statement, sentences) for statement, sentences in broken if sentences]

    return problems


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def run(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        if sql:
            cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def described(scenario, statement, sentences: list[str]) -> str:
    return "\n".join([str(scenario), statement.sql, plans.tree(statement.plan), *sentences])


def index_definitions() -> list[tuple]:
    return run("SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema ORDER BY 1")


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("scenario", READS_FIRST, ids=str)
def test_no_statement_reads_much_more_than_it_needs(name, scenario, problems):
    found = problems(scenario, name)
    assert not found, "\n\n".join(found)


@pytest.mark.parametrize(
    ("index", "scenario", "name", "sentence"),
    [
        ("idx_checkins_user_date", "GET checkins mine_behind", "five_years", "Sort under a Limit reads 20,"),
        (
            "idx_checkins_challenge_date",
            "GET challenges/<challenge_id>/checkins feed",
            "full_house",
            "Sort under a Limit reads 3",
        ),
        ("idx_notifications_user_created", "GET notifications behind", "twenty", "Seq Scan on notifications reads"),
        ("idx_habits_system", "GET habits habits", "twenty", "Seq Scan on habits reads the table of 10,"),
        ("idx_sessions_user", "GET users/me profile", "twenty", "Seq Scan on sessions reads the table of 30,"),
    ],
)
def test_a_removed_index_is_found(index, scenario, name, sentence, problems):
    found = problems(BY_NAME[scenario], name, f"DROP INDEX {index}")
    assert any(sentence in problem for problem in found), found


USED = {
    "idx_challenge_members_user_all": "GET challenges mine",
    "idx_challenge_members_user_status": "GET users/me profile",
    "idx_challenges_discover": "GET challenges/discover discover",
    "idx_challenges_name_trgm": "GET challenges/discover discover_by_name",
    "idx_challenges_status_created": "GET challenges/discover discover_by_name",
    "idx_checkins_challenge_date": "GET challenges/<challenge_id>/checkins feed",
    "idx_checkins_challenge_user_date": "GET checkins mine_of_one_challenge",
    "idx_checkins_user_date": "GET checkins mine",
    "idx_friendships_addressee_status": "GET friends friends",
    "idx_friendships_requester_status": "GET friends friends",
    "idx_habits_owner": "GET habits habits",
    "idx_habits_system": "GET habits habits",
    "idx_notifications_user_created": "GET notifications inbox",
    "idx_notifications_user_unread": "GET notifications unread",
    "idx_sessions_previous": "POST auth/refresh refresh_with_an_old_token",
    "idx_sessions_user": "GET users/me profile",
    "idx_users_display_name_trgm": "GET /admin/<app>/<model>/ part_of_name_of_user",
}


@pytest.mark.parametrize("index", USED)
def test_an_index_is_used(index, plans_of):
    assert index in "\n".join(plans.tree(one.plan) for one in plans_of(BY_NAME[USED[index]], "twenty"))


def test_none_is_left_out():
    assert set(BUILT) - USED.keys() - set().union(*INDEXES.values()) == set()


KEYS = """
INSERT INTO idempotency_keys (id, user_id, path, key, body_hash, status, body, created_at, expires_at)
SELECT gen_random_uuid(), id, '/api/v1/checkins', key, repeat('0', 64), 201, '{}', created_at, '2026-03-03'
FROM users, generate_series(1, 3) key;
UPDATE idempotency_keys SET expires_at = '2026-03-01' WHERE random() < 0.02;
ANALYZE idempotency_keys
"""
# The hour, and what makes the rows that a job works on, in the transaction that is undone.
JOBS = {
    "streak-reminders": (8, "UPDATE users SET current_streak = 3 WHERE last_checkin_date = '2026-03-01'"),
    "auto-complete": (12, "UPDATE challenges SET status = 'active' WHERE status = 'failed' AND member_count < 4"),
    "refill-hitches": (0, "UPDATE challenge_members SET hitch_count = 0 WHERE role = 'admin'"),
    "clean-up": (12, KEYS),
    "send-pushes": (12, "INSERT INTO push_outbox SELECT id, 0, created_at FROM notifications"),
}
INDEXES = {
    "streak-reminders": {"idx_users_reminder"},
    "auto-complete": {"idx_challenges_active_end", "idx_challenges_pending_start"},
    "refill-hitches": {"one_hitch_per_habit_per_day"},
    "clean-up": {"idx_notifications_expires", "idx_sessions_expires", "idx_idempotency_keys_expires"},
    "send-pushes": {"idx_push_outbox_due"},
}
# A row of a batch costs what it is joined to, beside what its writing costs: at most five hundred are locked and read.
BUFFERS_OF_A_BATCH = 10_000


def is_avoidable(sentence: str) -> bool:
    """Failures, and what is left of quotas, are looked through once a day: the contract has no index by time, or by
    quota. Who has finished many challenges has as many memberships to look up."""
    looked_through = ("on login_failures", "Seq Scan on challenge_members")
    return not any(part in sentence for part in (*looked_through, "using challenges_pkey"))


@pytest.mark.parametrize("name", JOBS)
def test_no_statement_of_a_job_reads_much_more_than_it_needs(name, worlds, sizes):
    hour, before = JOBS[name]
    with undone(), clock.standing_at(datetime(2026, 3, 2, hour, tzinfo=UTC)), explained(connection) as statements:
        run(before)
        del statements[:]
        if name == "send-pushes":  # the rest of it asks Expo
            assert len(pushes.claim()) == pushes.MOST_MESSAGES
        else:
            done = run_job(name)
            assert done.outcome == "done" and sum(done.counts.values()) > 100
    judged = [(one, plans.violations(one.plan, sizes, buffers=BUFFERS_OF_A_BATCH)) for one in statements]
    avoidable = [(one, [sentence for sentence in broken if is_avoidable(sentence)]) for one, broken in judged]
    found = [described(name, one, broken) for one, broken in avoidable if broken]
    assert not found, "\n\n".join(found)
    used = "\n".join(plans.tree(one.plan) for one in statements)
    assert {index for index in INDEXES[name] if index not in used} == set()


def test_the_data_are_large(sizes):
    wanted = {"users": 20_000, "habits": 10_000, "challenges": 5000, "challenge_members": 50_000}
    wanted |= {"check_ins": 300_000, "notifications": 60_000, "sessions": 30_000, "login_failures": 5000}
    wanted |= {"friendships": 59_000, "hitch_log": 50_000}
    assert {table: size for table, size in wanted.items() if sizes[table] < size} == {}


def test_somebody_has_five_years_behind_them(marks):
    own = CheckIn.objects.filter(user=marks.busiest)
    assert own.values("checkin_date").distinct().count() > 1800
    memberships = Membership.objects.filter(user=marks.busiest)
    assert memberships.count() > 60
    assert 10 < memberships.filter(challenge__status="active").count() < 20


def test_a_challenge_is_full(marks):
    members = Membership.objects.filter(challenge=marks.full_challenge, status="active")
    assert (members.count(), members.get(role="creator").user_id) == (50, marks.busiest)
    assert members.filter(user=marks.member).exists()
    assert CheckIn.objects.filter(challenge=marks.full_challenge).count() > 36_000


def test_somebody_may_join(marks):
    assert not Membership.objects.filter(user=marks.newcomer).exists()
    facts = Challenge.objects.values_list("invite_code", "status", "is_public").get(pk=marks.open_challenge)
    assert facts == (marks.open_code, "active", True)


def test_an_inbox_is_full(marks):
    inbox = Notification.objects.filter(user=marks.busiest)
    assert (inbox.filter(is_read=False).count(), inbox.filter(is_read=True).count()) == (1000, 1000)


def test_somebody_has_many_friends(marks):
    own = Friendship.objects.of(marks.busiest).values_list("status").annotate(Count("pk"))
    assert dict(own) == {"accepted": 520, "pending": 160, "rejected": 80, "blocked": 40}


def test_a_log_in_can_be_renewed(marks):
    hashes = {"refresh_hash": marks.refresh_token, "previous_refresh_hash": marks.used_refresh_token}
    found = Session.objects.filter(**{column: fingerprint(token) for column, token in hashes.items()})
    assert found.filter(user=marks.busiest, revoked_at=None, expires_at__gt=clock.now()).count() == 1


def test_foreign_keys_hold(marks):
    """They were not looked up while the rows were written."""
    for table, column, target in foreign_keys():
        orphans = f"SELECT count(*) FROM {table} r LEFT JOIN {target} t ON t.id = r.{column}"  # noqa: S608
        assert run(f"{orphans} WHERE t.id IS NULL AND r.{column} IS NOT NULL") == [(0,)], f"{table}.{column}"


def foreign_keys() -> list[tuple]:
    tables = ", ".join(f"'{table}'" for table in plan_data.tables())
    return run(
        f"""
        SELECT conrelid::regclass::text, attname, confrelid::regclass::text
        FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
        WHERE contype = 'f' AND conrelid = ANY (ARRAY[{tables}]::regclass[])
        """  # noqa: S608
    )
