"""Rows without a cursor must be the rows of a cursor, in transactions too."""

import contextlib
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import DataError, IntegrityError, InternalError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from apps.core.transactions import transactional
from darezone.postgresql import statements
from darezone.postgresql.statements import numbered
from darezone.tests.asking import by_cursor, known, run, turns_during, values

PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'darezone%%'"


class TestNumbered:
    def test_it_works(self):
        assert numbered("SELECT %s, %s LIKE 'a%%'") == (b"SELECT $1, $2 LIKE 'a%'", [])

    def test_it_numbers_a_name_once(self):
        assert numbered("SELECT %(b)s, %(a)s, %(b)s") == (b"SELECT $1, $2, $1", ["b", "a"])


@pytest.mark.django_db(transaction=True)
class TestRows:
    def test_it_works(self):
        with connection.execute_wrapper(lambda execute, *call: execute(*call)):
            assert connection.rows("SELECT %s::int + 1, 'a%%'", [1], prepared=True) == [(2, "a%")]
        assert known().known

    @given(st.lists(values, min_size=1, max_size=4), st.booleans())
    def test_it_gives_what_a_cursor_gives(self, params, prepared):
        sql = "SELECT " + ", ".join(["%s AS x"] * len(params))
        assert connection.rows(sql, params, prepared=prepared) == by_cursor(sql, params)

    def test_it_loads_what_django_loads(self):
        sql = "SELECT now(), 1.5::numeric, '{\"a\": 1}'::jsonb, ARRAY[1, 2], gen_random_uuid(), NULL"
        (row,) = connection.rows(sql)
        (same,) = by_cursor(sql)
        assert [type(value) for value in row] == [type(value) for value in same]
        assert row[0].tzinfo == same[0].tzinfo and row[1:4] == same[1:4] == (Decimal("1.5"), same[2], [1, 2])

    def test_it_takes_names(self):
        assert connection.rows("SELECT %(b)s::int - %(a)s::int", {"a": 1, "b": 3, "unused": 5}) == [(2,)]

    def test_it_is_seen_by_execute_wrappers(self):
        seen = []

        def note(execute, sql, params, many, context):
            rows = execute(sql, params, many, context)
            seen.append((sql, params, many, context["cursor"].rowcount))
            return rows

        with connection.execute_wrapper(note):
            connection.rows("SELECT generate_series(1, %s::int)", [3])
        assert seen == [("SELECT generate_series(1, %s::int)", [3], False, 3)]

    def test_it_is_in_djangos_log_of_queries(self, django_assert_num_queries):
        with django_assert_num_queries(1):
            connection.rows("SELECT 1", prepared=True)


@pytest.mark.django_db(transaction=True)
class TestPreparing:
    def test_it_prepares_once_for_each_set_of_types(self):
        before = by_cursor(PREPARED)[0][0]
        for number in (1, 2, 2**40, 3, 2**40):
            assert connection.rows("SELECT %s + 0::int8 AS once", [number], prepared=True) == [(number,)]
        assert by_cursor(PREPARED)[0][0] == before + 2

    def test_it_prepares_nothing_unasked(self):
        before = by_cursor(PREPARED)
        connection.rows("SELECT 1 AS unasked")
        assert by_cursor(PREPARED) == before

    def test_it_runs_for_ever_more_types(self, monkeypatch):
        monkeypatch.setattr(statements, "MOST_TYPES", 1)
        for value in (1, 2**40, True, date(2026, 1, 1)):
            assert connection.rows("SELECT %s AS types", [value], prepared=True) == [(value,)]

    def test_it_forgets_the_one_used_longest_ago(self, monkeypatch):
        connection.rows("SELECT 0")
        before, most = by_cursor(PREPARED)[0][0], len(known().known) + 2
        monkeypatch.setattr(statements, "MOST_STATEMENTS", most)
        for number in range(2 * most):
            connection.rows(f"SELECT {number} AS one_of_many", prepared=True)
        assert len(known().known) == most
        assert by_cursor(PREPARED)[0][0] <= before + most

    def test_it_recovers_from_a_server_that_forgot(self):
        for _ in range(2):
            assert connection.rows("SELECT 1 AS forgotten", prepared=True) == [(1,)]
            run("DEALLOCATE ALL")
        known().known.clear()

    def test_it_recovers_from_a_column_that_changed(self):
        run("CREATE TABLE changing (a int)")
        try:
            run("INSERT INTO changing VALUES (1)")
            assert connection.rows("SELECT a FROM changing", prepared=True) == [(1,)]
            run("ALTER TABLE changing ALTER a TYPE text")
            assert connection.rows("SELECT a FROM changing", prepared=True) == [("1",)]
        finally:
            run("DROP TABLE changing")

    def test_so_does_a_service_which_begins_its_transaction_again(self):
        """What came before in the transaction is lost with it, so the statement alone cannot be made again."""
        begun = []

        @transactional
        def read():
            begun.append(1)
            return connection.rows("SELECT a FROM changing", prepared=True)

        run("CREATE TABLE changing (a int)")
        try:
            run("INSERT INTO changing VALUES (1)")
            assert read() == [(1,)]
            run("ALTER TABLE changing ALTER a TYPE text")
            assert (read(), len(begun)) == ([("1",)], 3)
            run("DEALLOCATE ALL")
            assert (read(), len(begun)) == ([("1",)], 5)
        finally:
            run("DROP TABLE changing")

    def test_so_do_several_at_once_in_a_transaction(self):
        run("CREATE TABLE changing (a int)")
        try:
            run("INSERT INTO changing VALUES (1)")
            calls = [("SELECT 1", (), True), ("SELECT a FROM changing", (), True), ("SELECT 2", (), True)]
            read = transactional(lambda: connection.rows("SELECT 0") and connection.together(calls))
            assert read() == [[(1,)], [(1,)], [(2,)]]
            run("ALTER TABLE changing ALTER a TYPE text")
            assert read() == [[(1,)], [("1",)], [(2,)]]
        finally:
            run("DROP TABLE changing")


@pytest.mark.django_db(transaction=True)
class TestWaiting:
    @pytest.mark.parametrize("prepared", [True, False])
    @pytest.mark.parametrize("inside", [True, False])
    def test_it_does_not_hold_the_interpreters_lock(self, prepared, inside):
        """Else it may wait for a row that another thread of this process could free."""

        def sleep():
            with transaction.atomic() if inside else contextlib.nullcontext():
                connection.rows("SELECT pg_sleep(0.5)", prepared=prepared)

        assert turns_during(sleep) > 5


@pytest.mark.django_db(transaction=True)
class TestTransactions:
    ID = UUID(int=7)
    INSERT = "INSERT INTO habits (id, name, is_system, created_at) VALUES (%s, 'x', false, now()) RETURNING id"

    def count(self):
        return by_cursor("SELECT count(*) FROM habits WHERE id = %s", [self.ID])[0][0]

    def test_its_first_statement_opens_it(self):
        with pytest.raises(KeyError), transaction.atomic():
            connection.rows("SELECT 1")
            assert connection.connection.info.transaction_status.name == "INTRANS"
            raise KeyError
        assert connection.connection.info.transaction_status.name == "IDLE"

    def test_what_it_wrote_is_undone_by_a_rollback_and_kept_by_a_commit(self):
        run("CREATE TEMPORARY TABLE kept (a int)")
        for a, fails in ((1, True), (2, False)):
            try:
                with transaction.atomic():
                    assert connection.rows("INSERT INTO kept VALUES (%s) RETURNING a", [a], prepared=True) == [(a,)]
                    if fails:
                        raise KeyError
            except KeyError:
                pass
        assert by_cursor("SELECT a FROM kept") == [(2,)]

    def test_a_constraint_that_fails_at_commit_is_an_integrity_error(self):
        run("CREATE TEMPORARY TABLE parent (id int PRIMARY KEY)")
        run("CREATE TEMPORARY TABLE child (p int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
        with pytest.raises(IntegrityError), transaction.atomic():
            connection.rows("INSERT INTO child VALUES (1) RETURNING p")
        assert by_cursor("SELECT * FROM child") == []

    def test_its_hooks_run_after_the_commit(self):
        states = []
        with transaction.atomic():
            transaction.on_commit(lambda: states.append(connection.connection.info.transaction_status.name))
            connection.rows("SELECT 1")
        assert states == ["IDLE"]

    def test_an_error_of_the_statement_that_opens_it_leaves_a_good_connection(self):
        with pytest.raises(DataError), transaction.atomic():
            connection.rows("SELECT 1 / %s::int", [0], prepared=True)
        with transaction.atomic():
            assert connection.rows("SELECT 1 / %s::int", [1], prepared=True) == [(1,)]

    def test_another_isolation_level_is_left_to_a_cursor(self):
        connection.ensure_connection()
        connection.connection.read_only = True
        try:
            with pytest.raises(InternalError), transaction.atomic():  # 25006: read-only
                connection.rows("SELECT nextval('django_migrations_id_seq')")
        finally:
            connection.connection.read_only = None
