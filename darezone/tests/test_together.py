"""Statements in one round trip must say what they say one after the other, errors included."""

import pytest
from django.db import DataError, OperationalError, connection, transaction
from django.db.transaction import TransactionManagementError
from hypothesis import given
from hypothesis import strategies as st

from darezone.tests.asking import by_cursor, known, limited, run, terminate, turns_during, values

NOW = ("SELECT now()", (), True)
"""The time of the transaction: in autocommit that of the round trip."""


def together(*calls):
    return connection.together(calls)


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_it_works(self):
        calls = ("SELECT %s::int + 1, 'a%%'", [1], True), ("SELECT generate_series(1, 3)", (), False)
        assert together(*calls) == [[(2, "a%")], [(1,), (2,), (3,)]]

    def test_it_is_one_round_trip(self):
        assert len({rows[0] for rows in together(NOW, NOW, NOW)}) == 1
        assert connection.rows("SELECT now()") != connection.rows("SELECT now()")

    @given(st.lists(st.tuples(st.lists(values, min_size=1, max_size=3), st.booleans()), min_size=1, max_size=4))
    def test_it_gives_what_a_cursor_gives(self, calls):
        calls = [("SELECT " + ", ".join(["%s AS x"] * len(params)), params, prepared) for params, prepared in calls]
        assert together(*calls) == [by_cursor(sql, params) for sql, params, _ in calls]

    def test_it_takes_nothing(self):
        assert together() == []

    def test_it_runs_in_an_open_transaction(self):
        with transaction.atomic():
            connection.rows("SELECT 1")
            assert len({rows[0] for rows in together(NOW, NOW)}) == 1
            assert connection.connection.info.transaction_status.name == "INTRANS"

    def test_it_opens_a_transaction_with_its_first_statement(self):
        with transaction.atomic():
            assert together(("SELECT 1", (), True), ("SELECT 2", (), True)) == [[(1,)], [(2,)]]
            assert connection.connection.info.transaction_status.name == "INTRANS"

    def test_a_wrapper_sees_each_in_its_turn_and_may_ask_in_between(self):
        seen = []

        def ask(execute, sql, params, many, context):
            if not seen or seen[-1] != sql:
                seen.append(sql)
                assert connection.rows(sql) is not None
            return execute(sql, params, many, context)

        with connection.execute_wrapper(ask):
            together(("SELECT 1", (), True), ("SELECT 2", (), True))
        assert seen == ["SELECT 1", "SELECT 2"]

    def test_it_is_in_djangos_log_of_queries(self, django_assert_num_queries):
        with django_assert_num_queries(2):
            together(NOW, NOW)


@pytest.mark.django_db(transaction=True)
class TestErrors:
    GOOD, BAD, SLOW = ("SELECT 1", (), True), ("SELECT 1 / 0", (), True), ("SELECT pg_sleep(5)", (), False)

    @pytest.mark.parametrize("calls", [(GOOD, BAD), (BAD, GOOD), (GOOD, BAD, GOOD, GOOD), (BAD,)])
    def test_the_error_is_that_of_the_statement_and_leaves_a_good_connection(self, calls):
        pid = by_cursor("SELECT pg_backend_pid()")
        with pytest.raises(DataError):
            together(*calls)
        assert together(self.GOOD, self.GOOD) == [[(1,)], [(1,)]]
        assert by_cursor("SELECT pg_backend_pid()") == pid

    def test_a_statement_over_its_time_is_an_operational_error(self):
        with limited(), pytest.raises(OperationalError) as caught:
            together(self.GOOD, self.SLOW, self.GOOD)
        assert caught.value.__cause__.sqlstate == "57014"
        assert not connection.connection.closed

    def test_it_says_that_a_broken_transaction_is_broken(self):
        with pytest.raises(TransactionManagementError), transaction.atomic():
            try:
                with transaction.atomic(savepoint=False):
                    connection.rows("SELECT 1")
                    together(self.GOOD, self.BAD)
            except DataError:
                together(self.GOOD, self.GOOD)

    def test_a_lost_connection_is_an_operational_error(self):
        together(self.GOOD, NOW)
        terminate(connection.connection.info.backend_pid)
        with pytest.raises(OperationalError):
            together(self.GOOD, NOW)
        assert connection.connection.closed
        connection.close()
        assert together(self.GOOD, self.GOOD) == [[(1,)], [(1,)]]

    @pytest.mark.parametrize("order", [1, -1])
    def test_it_recovers_from_a_server_that_forgot(self, order):
        for _ in range(2):
            calls = (("SELECT 1 AS forgotten", (), True), ("SELECT 2 AS forgotten", (), True))[::order]
            assert together(*calls) == [[(int(sql[7]),)] for sql, _, _ in calls]
            run("DEALLOCATE ALL")
        known().known.clear()

    def test_who_stops_in_the_middle_leaves_a_good_connection(self):
        connection.ensure_connection()
        found = known().together([("SELECT 1", (), True), ("SELECT 2", (), False), ("SELECT 3", (), True)])
        assert next(found) == [(1,)]
        found.close()
        assert together(self.GOOD, NOW)[0] == [(1,)]

    def test_what_fails_in_the_middle_closes_the_connection(self):
        connection.ensure_connection()
        found = known().together([("SELECT 1", (), True), ("SELECT 2", (), False)])
        next(found)
        with pytest.raises(KeyError):
            found.throw(KeyError)
        assert connection.connection.closed
        connection.close()


@pytest.mark.django_db(transaction=True)
class TestWaiting:
    def test_it_does_not_hold_the_interpreters_lock(self):
        assert turns_during(lambda: together(NOW, ("SELECT pg_sleep(0.5)", (), True))) > 5
