"""What requests cost is noted beside them, added up, and stored by nobody who waits."""

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.http import HttpRequest

from apps.accounts.models import User
from apps.core import clock, measured
from apps.core.measured import Measured
from apps.profiling import fingerprints, recorder, storing
from apps.profiling.histogram import BUCKETS, bounds, bucket_of, percentile
from apps.profiling.models import RouteCost, SlowStatement, Statement, StatementCost
from apps.profiling.recorder import Recorder
from apps.profiling.sums import MOST_KEYS, REPEATS, Sums

HABITS = "/api/v1/habits"
MODELS = (RouteCost, StatementCost, SlowStatement, Statement)


def empty():
    """Over a connection of its own, like the recorder: what it has committed outlives a test's transaction."""
    with storing.connect() as other:
        for model in MODELS:
            other.execute(f"DELETE FROM {model._meta.db_table}")  # noqa: S608


@pytest.fixture
def listening(db):
    """A recorder that notes what is asked, and stores when it is told to."""
    empty()
    found = Recorder()
    found._start_thread = lambda: None
    found.start()
    yield found
    found.stop()
    empty()


def stored(listening) -> dict[str, RouteCost]:
    listening.add_up()
    listening.store()
    return {f"{cost.method} {cost.route}": cost for cost in RouteCost.objects.all()}


def repeats(view, request):
    for _ in range(REPEATS + 2):
        User.objects.filter(email="kim@example.com").exists()
    return habits(view, request)


@pytest.fixture
def seeded(monkeypatch):
    """An N+1 in a route that has none."""
    global habits
    place = "apps.challenges.views.habits.HabitListView"
    from apps.challenges.views.habits import HabitListView

    habits = HabitListView.get
    monkeypatch.setattr(f"{place}.get", repeats)


class TestRequest:
    def test_it_works(self, listening, as_owner):
        as_owner.get("/habits")
        as_owner.get("/habits")
        cost = stored(listening)[f"GET {HABITS}"]
        assert (cost.requests, cost.errors, cost.statements, cost.most_statements) == (2, 0, 3, 2)
        assert cost.ms > cost.sql_ms > 0
        assert (cost.cache_hits, cost.cache_misses, cost.cache_trips >= 2) == (2, 2, True)
        assert cost.rows >= 11 and cost.bytes > 500
        assert sum(cost.histogram) == 2

    @pytest.mark.breaks
    def test_failures_are_counted(self, listening, as_owner, monkeypatch):
        monkeypatch.setattr("apps.challenges.views.habits.HabitListView.get", lambda *_: 1 / 0)
        as_owner.get("/habits")
        assert stored(listening)[f"GET {HABITS}"].errors == 1

    def test_a_path_makes_no_row_of_its_own(self, listening, as_owner):
        for number in range(3):
            as_owner.get(f"/nothing/{number}")
        assert stored(listening)["GET -"].requests == 3

    def test_sums_are_added_to_those_of_other_processes(self, listening, as_owner):
        as_owner.get("/habits")
        one = stored(listening)[f"GET {HABITS}"]
        as_owner.get("/habits")
        both = stored(listening)[f"GET {HABITS}"]
        assert (one.requests, both.requests) == (1, 2)
        assert both.ms > one.ms and sum(both.histogram) == 2 and both.most_statements == 2

    def test_slots_are_five_minutes(self, listening, as_owner):
        for minute in (1, 4, 6):
            with clock.standing_at(datetime(2026, 3, 2, 12, minute, tzinfo=UTC)):
                as_owner.get("/health/live")
                stored(listening)
        found = RouteCost.objects.filter(route="/health/live").order_by("slot")
        assert [(cost.slot.minute, cost.requests) for cost in found] == [(0, 2), (5, 1)]


class TestStatements:
    def test_a_seeded_n_plus_one_is_found(self, listening, as_owner, seeded):
        as_owner.get("/habits")
        assert stored(listening)[f"GET {HABITS}"].repeating == 1
        (cost,) = StatementCost.objects.filter(most_repeats__gte=REPEATS).select_related("statement")
        assert (cost.calls, cost.requests, cost.most_repeats, cost.repeating) == (REPEATS + 2, 1, REPEATS + 2, 1)
        assert "users" in cost.statement.text and cost.route == HABITS

    def test_a_page_that_is_asked_often_is_none(self, listening, as_owner):
        for _ in range(REPEATS + 2):
            as_owner.get("/challenges/discover?search=abc")
        stored(listening)
        assert not StatementCost.objects.filter(repeating__gt=0).exists()

    def test_transaction_control_is_not_counted(self, listening, as_owner, challenge):
        as_owner.patch(f"/challenges/{challenge.id}", {"name": "Renamed"})
        stored(listening)
        texts = Statement.objects.values_list("text", flat=True)
        assert texts and not [text for text in texts if text.startswith(("SAVEPOINT", "RELEASE"))]

    def test_a_budget_that_is_kept_is_kept(self, listening, as_owner):
        as_owner.get("/habits")
        assert stored(listening)[f"GET {HABITS}"].over_budget == 0

    def test_one_that_is_not_is_counted(self, listening, as_owner, seeded):
        as_owner.get("/habits")
        assert stored(listening)[f"GET {HABITS}"].over_budget == 1


class TestSlow:
    @pytest.fixture(autouse=True)
    def impatient(self, settings):
        settings.SLOW_QUERY_MS = 20

    @pytest.mark.breaks
    def test_it_is_recorded_once_without_its_values(self, listening, as_owner, monkeypatch, caplog):
        def sleeps(view, request):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.03), %s, 'hunter2-secret', 4711", ["needle"])
            raise ValueError

        monkeypatch.setattr("apps.challenges.views.habits.HabitListView.get", sleeps)
        as_owner.get("/habits", headers={"X-Request-ID": "slow-1"})
        stored(listening)
        slow = SlowStatement.objects.select_related("statement").get(route=HABITS, statement__text__contains="pg_sleep")
        assert (slow.request_id, slow.ms >= 20) == ("slow-1", True)
        assert slow.statement.text == "SELECT pg_sleep(?), ?, ?, ?"
        kept = str(list(Statement.objects.values_list("text", "plannable")))
        assert [secret for secret in ("needle", "hunter2-secret") if secret in kept] == []
        lines = [record.fields for record in caplog.records if record.name == "darezone.sql"]
        assert slow.statement_id in [line["fingerprint"] for line in lines]

    def test_one_of_no_request_is_recorded(self, listening):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.03)")
        assert stored(listening) == {}
        assert [slow.route for slow in SlowStatement.objects.all()] == ["-"]

    def test_a_quick_one_is_not(self, listening, as_owner, settings):
        settings.SLOW_QUERY_MS = 60_000
        as_owner.get("/habits")
        stored(listening)
        assert not SlowStatement.objects.exists()


class TestAside:
    def test_a_request_writes_nothing_of_it(self, listening, as_owner):
        with transaction.atomic(), connection.execute_wrapper(refuse_writes):
            assert as_owner.get("/habits").status_code == 200
        assert not RouteCost.objects.exists()

    def test_it_is_stored_although_the_request_is_rolled_back(self, listening, as_owner):
        with transaction.atomic():
            as_owner.get("/habits")
            listening.add_up()
            listening.store()
            transaction.set_rollback(True)
        assert RouteCost.objects.filter(route=HABITS).exists()

    def test_it_takes_no_connection_of_the_pool(self, listening):
        with storing.connect() as other:
            assert other is not connection.connection
            assert other.info.get_parameters()["application_name"] == "darezone-recorder"

    def test_sums_wait_while_the_database_is_away(self, listening, as_owner, monkeypatch, caplog):
        away = connections["default"].settings_dict | {"NAME": "nobody_has_this"}
        as_owner.get("/habits")
        with monkeypatch.context() as context:
            context.setattr(connections["default"], "settings_dict", away)
            listening.add_up()
            listening.store()
        assert "kept for later: OperationalError" in caplog.text
        as_owner.get("/habits")
        assert stored(listening)[f"GET {HABITS}"].requests == 2
        assert Statement.objects.exists()


def refuse_writes(execute, sql, params, many, context):
    assert not str(sql).lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")), sql
    return execute(sql, params, many, context)


class TestBounds:
    def test_the_queue_drops_and_counts(self, listening, as_owner, monkeypatch):
        monkeypatch.setattr(recorder, "MOST_WAITING", 3)
        before = recorder.DROPPED._value.get()
        for _ in range(5):
            as_owner.get("/health/live")
        assert (len(listening.notes), recorder.DROPPED._value.get() - before) == (3, 2)

    def test_a_request_of_many_statements_is_noted_in_part(self):
        found, cost = Recorder(), Measured(HttpRequest())
        context = {"cursor": type("Cursor", (), {"rowcount": 1})}
        for _ in range(recorder.MOST_OF_A_REQUEST + 5):
            found.note_statement(cost, "SELECT 1", 0.001, context)
        assert len(cost.trace) == recorder.MOST_OF_A_REQUEST

    def test_keys_are_bounded(self):
        sums = Sums()
        for number in range(MOST_KEYS + 3):
            sums.sum_of(sums.routes, ("slot", "GET", str(number)), dict)
        assert (len(sums.routes), sums.dropped) == (MOST_KEYS, 3)

    def test_known_texts_are_bounded(self, monkeypatch):
        monkeypatch.setattr(fingerprints, "MOST_KNOWN", 10)
        for number in range(25):
            fingerprints.of(f"SELECT {number} AS a{number}")
        assert len(fingerprints._known) <= 10

    def test_what_is_older_than_three_days_is_dropped(self, listening, as_owner, settings):
        settings.SLOW_QUERY_MS = 0
        now = clock.now()
        for days in (4, 1):
            with clock.standing_at(now - timedelta(days=days)):
                as_owner.http.get("/health")
                stored(listening)
        storing.clean(now)
        assert RouteCost.objects.filter(slot__lt=now - timedelta(days=3)).count() == 0
        assert RouteCost.objects.count() > 0 and StatementCost.objects.count() > 0 and Statement.objects.count() > 0


class TestThread:
    def test_it_begins_with_the_first_request_and_stores_at_the_end(self, db, as_owner):
        empty()
        found = Recorder()
        found.start()
        try:
            assert found.thread is None
            as_owner.get("/health/live")
            assert found.thread.daemon and found.thread.is_alive()
        finally:
            found.stop()
        assert not found.thread.is_alive()
        assert RouteCost.objects.get(route="/health/live").requests == 1
        empty()

    def test_it_listens_once_and_stops_listening(self, db):
        before = len(measured.statement_watchers), len(measured.request_watchers)
        found = Recorder()
        found.start()
        found.start()
        assert len(measured.request_watchers) == before[1] + 1
        found.stop()
        assert (len(measured.statement_watchers), len(measured.request_watchers)) == before

    def test_a_failure_is_logged_and_not_the_end(self, caplog, monkeypatch):
        found = Recorder()
        monkeypatch.setattr(found, "add_up", lambda: 1 / 0)
        found.look(storing=False)
        assert "What some requests cost is lost." in caplog.text


REQUEST = """
import os, sys
os.environ["DAREZONE_RECORDER"] = "true"
from darezone.wsgi import application
from django.test import RequestFactory
from apps.profiling.recorder import recorder

def ask(times):
    for _ in range(times):
        environ = RequestFactory().get("/health/live", headers={"Host": "localhost"}).environ
        application(environ, lambda *_: None)

ask(2)
"""
FORKING = """
import multiprocessing
child = multiprocessing.get_context("fork").Process(target=ask, args=(3,))
child.start()
child.join()
assert child.exitcode == 0
"""


class TestProcesses:
    def test_each_stores_its_own_at_its_end_also_a_forked_one(self, db):
        empty()
        command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", REQUEST + FORKING]
        done = subprocess.run(command, env=environment_of_a_server(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert RouteCost.objects.get(route="/health/live").requests == 2 + 3
        empty()

    @pytest.mark.races
    def test_many_may_add_to_the_same_rows_at_once(self, db):
        empty()
        barrier, errors = threading.Barrier(4), []

        def add():
            sums = Sums()
            notes = [
                (*("GET", f"/route/{number}", "-", 200, False), 0.01, 0, 0, 0, 0, 0, 10, ()) for number in range(50)
            ]
            sums.add(notes, datetime(2026, 3, 2, 12, tzinfo=UTC), 500)
            barrier.wait()
            for _ in range(5):
                try:
                    storing.store(sums, clock.now())
                except psycopg.Error as error:
                    errors.append(error)

        threads = [threading.Thread(target=add) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert set(RouteCost.objects.values_list("requests", flat=True)) == {20}
        assert {sum(cost.histogram) for cost in RouteCost.objects.all()} == {20}
        empty()


def environment_of_a_server() -> dict[str, str]:
    secrets = {"SECRET_KEY": "s" * 50, "JWT_SIGNING_KEY": "j" * 50}
    return os.environ | secrets | {"ENVIRONMENT": "load", "DATABASE_URL": url_of(connection.settings_dict["NAME"])}


def url_of(name: str) -> str:
    database = connection.settings_dict
    password = f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else ""
    place = quote(database["HOST"], safe="") + (f":{database['PORT']}" if database["PORT"] else "")
    return f"postgresql://{database['USER']}{password}@{place}/{name}"


class TestHistogram:
    @pytest.mark.parametrize("milliseconds", [0.01, 0.1, 0.11, 1, 7.3, 50, 199, 500, 3000, 10**9])
    def test_a_time_is_inside_its_bucket(self, milliseconds):
        bucket = bucket_of(milliseconds)
        low, high = bounds(bucket)
        assert low <= milliseconds <= high * 1.0001 or bucket == BUCKETS - 1

    @pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
    def test_percentiles_are_true_to_a_tenth(self, share):
        times = [1.01**number for number in range(700)]  # 1 ms to 1 s, dense at every size
        histogram = [0] * BUCKETS
        for time in times:
            histogram[bucket_of(time)] += 1
        exact = times[int(share * len(times)) - 1]
        assert abs(percentile(histogram, share) - exact) <= exact / 10

    def test_of_nothing_it_is_zero(self):
        assert percentile([0] * BUCKETS, 0.95) == 0


class TestFingerprints:
    @pytest.mark.parametrize(
        ("sql", "plannable"),
        [
            ("SELECT a FROM t WHERE b = %s AND c = %(c)s", "SELECT a FROM t WHERE b = $1 AND c = $2"),
            ("SELECT a FROM t WHERE s = 'active' LIMIT 20", "SELECT a FROM t WHERE s = 'active' LIMIT 20"),
            ("SELECT a FROM t WHERE s = 'Kim O''Hara'", "SELECT a FROM t WHERE s = $1"),
            ("SELECT \"100%%\" FROM t WHERE a LIKE '%%x'", 'SELECT "100%%" FROM t WHERE a LIKE $1'),
            ("SELECT 7 %% 2", "SELECT 7 % 2"),
            ("UPDATE t SET a = 1", ""),
            ("WITH gone AS (DELETE FROM t RETURNING 1) SELECT 1", ""),
        ],
    )
    def test_values_become_parameters(self, sql, plannable):
        assert fingerprints.look_at(sql).plannable == plannable

    def test_it_is_the_name_in_the_log(self, caplog, settings, db):
        settings.SLOW_QUERY_MS = 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT 4711 AS found")
        (line,) = [record.fields for record in caplog.records if "found" in record.fields["statement"]]
        assert line["fingerprint"] == fingerprints.of("SELECT 4711 AS found").fingerprint
