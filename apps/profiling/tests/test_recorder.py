"""What requests cost is noted beside them, added up, and stored by nobody who waits."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections, transaction
from django.http import HttpRequest

from apps.accounts.models import User
from apps.core import clock
from apps.core.measured import Measured
from apps.profiling import fingerprints, recorder, storing
from apps.profiling.models import RouteCost, SlowStatement, Statement, StatementCost
from apps.profiling.recorder import Recorder
from apps.profiling.sums import MOST_KEYS, REPEATS, Sums
from apps.profiling.tests.recorded import HABITS, stored


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
