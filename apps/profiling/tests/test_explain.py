"""How a plan is asked for, printed and recorded."""

import pytest
from django.db import IntegrityError, connection, transaction

from apps.profiling import plans
from apps.profiling.plan_recording import explained
from apps.profiling.tests.entries import broken, entries, plan

__all__ = ["entries", "plan"]


class TestExplain:
    @pytest.mark.parametrize(
        "sql",
        [
            "INSERT INTO accounts VALUES (1000, 'new')",
            "UPDATE accounts SET name = 'new'",
            "DELETE FROM accounts",
            "WITH gone AS (DELETE FROM accounts) SELECT 1",
            " (SELECT 1) ",
        ],
    )
    def test_it_leaves_nothing_behind(self, plan, sql):
        plan(sql)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*), count(*) FILTER (WHERE name LIKE 'account %') FROM accounts")
            assert cursor.fetchone() == (500, 500)

    def test_it_raises_what_the_statement_raises_and_the_transaction_goes_on(self, plan):
        with pytest.raises(IntegrityError):
            plan("INSERT INTO accounts VALUES (1, 'again')")
        assert broken(plan("SELECT 1")) == []

    @pytest.mark.parametrize("sql", ["SAVEPOINT a", "SET work_mem = '1MB'", "COMMIT"])
    def test_it_refuses_what_has_no_plan(self, plan, sql):
        with pytest.raises(ValueError, match="No plan"):
            plan(sql)

    def test_it_knows_the_sizes_of_tables(self, entries):
        sizes = plans.table_sizes(connection)
        assert (sizes["accounts"], sizes["entries"]) == (500, 50_000)
        assert "users" in sizes and "pg_class" not in sizes

    def test_it_prints_a_plan(self, plan):
        found = plan(
            "SELECT * FROM entries WHERE account = 0 AND day < '2030-01-01' AND state = 'odd' ORDER BY day LIMIT 1"
        )
        top, node, *details = plans.tree(found).splitlines()
        assert top.startswith("Limit  (rows 1, loops 1, buffers ")
        assert node.startswith("  Index Scan using entries_account_day on entries  (rows 1, loops 1, buffers ")
        assert details[:3] == [
            "      Index Cond: ((account = 0) AND (day < '2030-01-01'::date))",
            "      Filter: (state = 'odd'::text)",
            "      Rows Removed by Filter: 99",
        ]


class TestRecording:
    def test_it_explains_what_is_about_to_run(self, entries):
        with transaction.atomic(), explained(connection) as statements, connection.cursor() as cursor:
            cursor.execute("UPDATE accounts SET name = 'new' WHERE name = %s", ["account 7"])
            assert cursor.rowcount == 1
            cursor.executemany("DELETE FROM accounts WHERE id = %s", [(8,), (9,)])
            cursor.execute("SELECT count(*) FROM accounts")
            assert cursor.fetchone() == (498,)
            transaction.set_rollback(True)
        assert [statement.sql.split()[0] for statement in statements] == ["UPDATE", "DELETE", "SELECT"]
        update = statements[0].plan
        assert (update["Node Type"], update["Plans"][0]["Actual Rows"]) == ("ModifyTable", 1)

    def test_it_leaves_out_what_has_no_plan(self, entries):
        with explained(connection) as statements, transaction.atomic():
            pass
        assert statements == []
