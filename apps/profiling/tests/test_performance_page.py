"""/admin/performance/: what staff see of the recorder's sums, and the plans they may ask for."""

import json
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from apps import testing
from apps.core import clock
from apps.profiling import explaining, fingerprints, reports, server_numbers, sums
from apps.profiling.charts import shares, sparkline
from apps.profiling.models import RouteCost, SlowStatement, Statement, StatementCost
from apps.profiling.suggestions import OTHERWISE, suggestion
from apps.profiling.tests.counting import CONTROL

pytestmark = pytest.mark.django_db

PAGE, DATABASE, EXPLAIN = (reverse(f"performance:{name}") for name in ("requests", "database", "explain"))
MOST_STATEMENTS = 10
BY_KEY = 'SELECT "users"."id" AS "id" FROM "users" WHERE "users"."id" = %s'
HABITS = "/api/v1/habits"


@pytest.fixture
def staff():
    return testing.staff_client()


def know(sql: str) -> str:
    """Its fingerprint; the recorder has stored its text."""
    known = fingerprints.look_at(sql)
    columns = {"text": known.text, "plannable": known.plannable, "seen_at": clock.now()}
    Statement.objects.update_or_create(fingerprint=known.fingerprint, defaults=columns)
    return known.fingerprint


def make_route(route: str = HABITS, minutes: int = 0, **columns) -> RouteCost:
    moment = sums.slot_of(clock.now() - timedelta(minutes=minutes))
    total = sums.RouteSum(requests=4, ms=100, sql_ms=40, cache_ms=10, statements=8, most_statements=2, bytes=4096)
    total.histogram[25] = 4
    numbers = {name: getattr(total, name) for name in total.__slots__}
    return RouteCost.objects.create(slot=moment, method="GET", route=route, **numbers | columns)


def make_statement(sql: str = BY_KEY, route: str = HABITS, **columns) -> StatementCost:
    numbers = {"calls": 10, "requests": 2, "repeating": 0, "most_repeats": 1, "ms": 30.0, "most_ms": 9.0, "rows": 10}
    place = {"slot": sums.slot_of(clock.now()), "statement_id": know(sql), "method": "GET", "route": route}
    return StatementCost.objects.create(**place, **numbers | columns)


def make_slow(sql: str = "SELECT pg_sleep(%s)") -> SlowStatement:
    place = {"statement_id": know(sql), "method": "GET", "route": HABITS, "request_id": "slow-1"}
    return SlowStatement.objects.create(at=clock.now(), ms=777, **place)


def text_of(response) -> str:
    assert response.status_code == 200, response.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


class TestAccess:
    @pytest.mark.parametrize("url", [PAGE, DATABASE, EXPLAIN])
    def test_who_is_not_logged_in_is_sent_to_the_log_in(self, url):
        response = Client().get(url)
        assert (response.status_code, response["Location"]) == (302, f"/admin/login/?next={url}")

    @pytest.mark.parametrize("url", [PAGE, DATABASE, EXPLAIN])
    def test_who_is_not_staff_is_too(self, url):
        browser = testing.staff_client(is_staff=False, is_superuser=False)
        assert browser.get(url).status_code == 302
        assert browser.post(url).status_code == 302

    @pytest.mark.parametrize("url", [PAGE, DATABASE])
    def test_staff_need_no_other_right(self, url):
        assert testing.staff_client(is_superuser=False).get(url).status_code == 200

    @pytest.mark.parametrize("url", [PAGE, DATABASE])
    def test_they_are_only_read(self, staff, url):
        assert staff.post(url).status_code == 405

    def test_an_api_token_opens_nothing(self, as_owner):
        assert as_owner.get(PAGE).status_code == 302


class TestRequests:
    def test_it_works(self, staff):
        make_route()
        shown = text_of(staff.get(PAGE))
        assert "GET /api/v1/habits" in re.sub(r"\s*/\s*", "/", shown).replace("GET/", "GET /")
        assert "100.0 %" in shown and "2 / 2" in shown and "None: no request has made a statement 5 times." in shown

    def test_routes_stand_by_impact(self, staff):
        make_route("/many", requests=1000, ms=9000)
        make_route("/slow", requests=1, ms=1000)
        make_route("/little", requests=5000, ms=500)
        assert [row["report"].route for row in staff.get(PAGE).context["routes"]] == ["/many", "/slow", "/little"]

    def test_times_are_added_up_over_slots(self, staff):
        make_route(minutes=0)
        make_route(minutes=20)
        make_route(minutes=300)
        (report,) = reports.routes(1)
        assert (report.requests, report.mean_ms, report.sql_ms, report.python_ms) == (8, 25, 10, 12.5)
        assert 21 < report.p50 < report.p95 < report.p99 < 30
        assert [report.requests for report in reports.routes(6)] == [12]

    def test_a_route_over_its_budget_is_red(self, staff):
        make_route(most_statements=9, over_budget=3)
        shown = staff.get(PAGE).content.decode()
        assert re.search(r'<td class="n bad">9 / 2<br><small>3 over</small></td>', shown)

    def test_one_within_it_is_not(self, staff):
        make_route()
        assert " over</small>" not in staff.get(PAGE).content.decode()

    def test_an_n_plus_one_has_its_statement_and_a_suggestion(self, staff):
        make_statement(most_repeats=20, repeating=2)
        make_statement("SELECT 1 FROM habits")
        (row,) = staff.get(PAGE).context["repeated"]
        assert (row["most_repeats"], row["route"]) == (20, HABITS)
        assert "select_related()" in text_of(staff.get(PAGE))

    def test_a_slow_statement_is_shown_with_its_request(self, staff):
        make_slow()
        shown = text_of(staff.get(PAGE))
        assert "slow-1" in shown and "777" in shown and "SELECT pg_sleep(?)" in shown

    def test_pool_and_cache_are_shown(self, staff, as_owner):
        as_owner.get("/users/me")
        as_owner.get("/users/me")
        kinds = {kind["kind"]: kind for kind in staff.get(PAGE).context["caches"]}
        assert kinds["profile"]["hits"] >= 1 and 0 < kinds["profile"]["percent"] < 100

    @pytest.mark.parametrize(("asked", "hours"), [("6", 6), ("24", 24), ("7", 1), ("x", 1), ("", 1)])
    def test_the_time_is_one_of_three(self, staff, asked, hours):
        assert staff.get(PAGE, {"hours": asked}).context["hours"] == hours

    def test_what_it_shows_is_text(self, staff):
        make_route("/<script>alert(1)</script>")
        make_statement('SELECT "<script>" FROM t WHERE a = %s', route="/<script>")
        assert "<script>alert(1)" not in staff.get(PAGE).content.decode()

    def test_what_found_no_room_is_told(self, staff, monkeypatch):
        monkeypatch.setattr(server_numbers, "dropped", lambda metrics: 7)
        assert "7 requests or statements found no room" in text_of(staff.get(PAGE))


def counted(staff, url: str) -> list[str]:
    found = []

    def count(execute, sql, params, many, context):
        found.extend([] if CONTROL.match(str(sql)) else [sql])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        assert staff.get(url).status_code == 200
    return found


class TestCost:
    @pytest.mark.parametrize("url", [PAGE, DATABASE])
    @pytest.mark.parametrize("superuser", [True, False])
    def test_it_makes_few_statements_whatever_there_is(self, url, superuser):
        staff = testing.staff_client(is_superuser=superuser)
        few = len(counted(staff, url))
        for number in range(20):
            make_route(f"/route/{number}")
            make_statement(f"SELECT c{number}", most_repeats=number)
            make_slow(f"SELECT s{number}")
        assert len(counted(staff, url)) == few <= MOST_STATEMENTS


class TestDatabase:
    def test_it_works(self, staff):
        shown = text_of(staff.get(DATABASE))
        assert "Redundant: none" in shown and "PostgreSQL" in shown

    @pytest.fixture
    def extension(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('pg_stat_statements.max', true)")
            if not cursor.fetchone()[0]:
                pytest.skip("this server has not loaded pg_stat_statements")
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

    def test_it_shows_what_postgresql_has_counted(self, staff, extension):
        with connection.cursor() as cursor:
            for _ in range(3):
                cursor.execute("SELECT count(*) AS pages_of_performance FROM users WHERE points = 4711")
        found, reason = server_numbers.top_statements(server_numbers.facts())
        assert (reason, len(found) > 0) == ("", True)
        assert {"calls", "mean_ms", "text", "queryid"} <= found[0].keys()
        assert staff.get(DATABASE).status_code == 200

    def test_statements_with_secrets_in_them_are_left_out(self, extension):
        with connection.cursor() as cursor:
            cursor.execute("CREATE ROLE nobody_at_all PASSWORD 'hunter2-secret'")
            cursor.execute("DROP ROLE nobody_at_all")
        found = server_numbers.rows(server_numbers.TOP, [100_000])
        assert not [row for row in found if "CREATE ROLE" in row["text"]]

    @pytest.mark.parametrize(
        ("loaded", "made", "sentence"),
        [(False, False, "does not count statements"), (True, False, "CREATE EXTENSION pg_stat_statements shows")],
    )
    def test_it_says_why_there_is_nothing(self, loaded, made, sentence):
        found, reason = server_numbers.top_statements({"is_loaded": loaded, "has_extension": made})
        assert found == [] and sentence in reason


class TestExplain:
    def test_it_works(self, staff):
        shown = text_of(staff.post(EXPLAIN, {"fingerprint": know(BY_KEY)}))
        assert "Index" in shown and "$1" in shown and "cost=" in shown

    def test_it_plans_for_the_choices_in_the_text(self):
        text = fingerprints.with_numbers("SELECT id FROM challenge_members WHERE user_id = %s AND status = 'active'")
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        assert "idx_challenge_members_user_status" in explaining.plan(text)

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE users SET points = 0",
            "DELETE FROM users",
            "INSERT INTO users DEFAULT VALUES",
            "WITH gone AS (DELETE FROM users RETURNING id) SELECT id FROM gone",
            "EXPLAIN ANALYZE DELETE FROM users",
            "TRUNCATE users",
            "",
            "VACUUM",
        ],
    )
    def test_it_refuses_everything_but_a_select(self, owner, sql):
        with pytest.raises(explaining.CannotExplain, match="Only a SELECT is explained"):
            explaining.plan(sql)
        assert owner in type(owner).objects.all()

    @pytest.mark.parametrize("sql", ["SELECT 1; DELETE FROM users", "SELECT 1;", "(SELECT 1); TRUNCATE users"])
    def test_it_refuses_several_statements(self, owner, sql):
        with pytest.raises(explaining.CannotExplain, match="one statement"):
            explaining.plan(sql)
        assert type(owner).objects.filter(pk=owner.pk).exists()

    def test_it_executes_nothing(self, settings):
        settings.SLOW_QUERY_MS = 60_000
        assert "Result" in explaining.plan("SELECT pg_sleep(60)")

    def test_it_plans_in_a_read_only_transaction_with_a_limit(self):
        found = []

        def look(execute, sql, params, many, context):
            result = execute(sql, params, many, context)
            if sql.startswith("EXPLAIN"):
                with connection.connection.cursor() as cursor:
                    for name in ("transaction_read_only", "statement_timeout"):
                        found.append(cursor.execute(f"SHOW {name}").fetchone()[0])
            return result

        with connection.execute_wrapper(look):
            explaining.plan("SELECT 1")
        assert found == ["on", "2s"]
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_read_only")
            assert cursor.fetchone()[0] == "off"

    def test_what_cannot_be_planned_has_a_sentence(self, staff):
        shown = text_of(staff.post(EXPLAIN, {"fingerprint": know("SELECT a FROM no_such_table")}))
        assert "PostgreSQL does not plan it without its values" in shown and "no_such_table" in shown

    def test_an_older_server_has_a_sentence(self, monkeypatch):
        monkeypatch.setattr(explaining, "server_version", lambda: 150_000)
        with pytest.raises(explaining.CannotExplain, match="PostgreSQL 16"):
            explaining.plan("SELECT 1")

    @pytest.mark.parametrize(
        "sent",
        [
            {},
            {"sql": "SELECT 1"},
            {"fingerprint": "SELECT 1"},
            {"fingerprint": "0" * 16},
            {"fingerprint": "' OR 1=1 --      "},
            {"queryid": "1 OR 1=1"},
            {"queryid": "9" * 400},
            {"queryid": "-"},
            {"queryid": "7"},
        ],
    )
    def test_no_text_of_a_client_is_explained(self, staff, sent):
        assert staff.post(EXPLAIN, sent).status_code == 404

    def test_it_wants_post_and_a_csrf_token(self, staff):
        assert staff.get(EXPLAIN).status_code == 405
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = staff.cookies
        assert strict.post(EXPLAIN, {"fingerprint": know(BY_KEY)}).status_code == 403


class TestSuggestions:
    @pytest.mark.parametrize(
        ("text", "cure"),
        [
            ('SELECT "users"."id" AS "id" FROM "users" WHERE "users"."id" = ?', "select_related()"),
            ('SELECT "c"."id" FROM "check_ins" WHERE "check_ins"."challenge_id" = ?', "prefetch_related()"),
            ("SELECT COUNT(*) AS n FROM t WHERE a = ?", "Count for all rows at once"),
            ('SELECT ? AS "a" FROM "t" WHERE "t"."b" = ? LIMIT ?', "Exists"),
            ("INSERT INTO t (a) VALUES (?)", "bulk_create()"),
            ("UPDATE t SET a = ? WHERE id = ?", "bulk_update()"),
            ("DELETE FROM t WHERE id = ?", "delete()"),
            ("SELECT a FROM t WHERE b > ?", OTHERWISE),
        ],
    )
    def test_each_kind_has_its_cure(self, text, cure):
        assert cure in suggestion(text)


class TestCharts:
    def test_a_line_has_gaps_where_nobody_asked(self):
        line = sparkline([1.0, 2.0, None, 4.0])
        assert (len(line.lines), len(line.dots), line.top) == (1, 1, 4.0)

    def test_of_nothing_there_is_none(self):
        assert sparkline([None, None]).is_empty and shares(0, 0) == [0, 0]

    def test_it_stays_inside(self):
        points = [float(part) for pair in sparkline([0.0, 9.0, 3.0]).lines[0].split() for part in pair.split(",")]
        assert 0 <= min(points) and max(points) <= 90


def printed(command: str, **options) -> str:
    out = StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


class TestCommands:
    def test_route_report_works(self):
        make_route()
        assert re.search(r"GET /api/v1/habits +│ +100.0% │ +4 │ +25.0", printed("route_report"))

    def test_it_has_the_same_as_json(self):
        make_route()
        (route,) = json.loads(printed("route_report", json=True))
        assert (route["route"], route["requests"], route["budget"], route["mean_ms"]) == (HABITS, 4, 2, 25)

    def test_it_says_that_there_is_nothing(self):
        assert "Nothing was recorded in the last 1 h." in printed("route_report")

    def test_it_fails_over_budget_when_asked_to(self):
        make_route(over_budget=1)
        assert printed("route_report")
        with pytest.raises(CommandError, match="Over budget: GET /api/v1/habits."):
            printed("route_report", check=True)

    def test_slow_queries_works(self):
        make_statement(most_repeats=20, repeating=2)
        make_slow()
        text = printed("slow_queries")
        assert "N+1 suspects: 1" in text and "20 times in one request, in 2 requests" in text
        assert "Statements over 500 ms: 1" in text and "slow-1" in text

    def test_it_has_the_same_as_json_and_fails_when_asked_to(self):
        cost = make_statement(most_repeats=20)
        found = json.loads(printed("slow_queries", json=True))
        assert [row["fingerprint"] for row in found["repeated"]] == [cost.statement_id]
        with pytest.raises(CommandError, match=cost.statement_id):
            printed("slow_queries", check=True)
