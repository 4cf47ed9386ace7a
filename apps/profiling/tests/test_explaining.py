"""/admin/performance/: the plans that staff may ask for."""

import pytest
from django.db import connection
from django.test import Client

from apps.profiling import explaining, fingerprints
from apps.profiling.tests.performance_pages import EXPLAIN, text_of
from apps.profiling.tests.recorded import BY_KEY, know

pytestmark = pytest.mark.django_db


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
