"""/admin/performance/: what staff see of the recorder's sums."""

import re

import pytest
from django.db import connection
from django.test import Client

from apps import testing
from apps.profiling import reports, server_numbers
from apps.profiling.charts import shares, sparkline
from apps.profiling.suggestions import OTHERWISE, suggestion
from apps.profiling.tests.counting import CONTROL
from apps.profiling.tests.performance_pages import DATABASE, EXPLAIN, PAGE, text_of
from apps.profiling.tests.recorded import HABITS, make_route, make_slow, make_statement

pytestmark = pytest.mark.django_db

MOST_STATEMENTS = 10


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
