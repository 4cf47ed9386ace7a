"""Errors of rows without a cursor must be the errors of a cursor."""

import pytest
from django.db import DataError, IntegrityError, OperationalError, ProgrammingError, connection, transaction
from django.db.transaction import TransactionManagementError

from darezone.tests.asking import limited, terminate


@pytest.mark.django_db(transaction=True)
class TestErrors:
    @pytest.mark.parametrize(
        ("sql", "kind"),
        [
            ("SELECT 1 / 0", DataError),
            ("SELECT 1 FROM nothing_of_this_name", ProgrammingError),
            ("SELECT", None),
            ("INSERT INTO users (id) VALUES ('00000000-0000-0000-0000-000000000001') RETURNING id", IntegrityError),
            ("SELECT pg_sleep(5)", OperationalError),
        ],
    )
    @pytest.mark.parametrize("prepared", [True, False])
    @pytest.mark.parametrize("inside", [True, False])
    def test_it_raises_what_django_raises(self, sql, kind, prepared, inside):
        with limited():
            if kind is None:
                assert connection.rows(sql, prepared=prepared) == [()]
                return
            with pytest.raises(kind) as caught:
                if inside:
                    with transaction.atomic():
                        connection.rows(sql, prepared=prepared)
                else:
                    connection.rows(sql, prepared=prepared)
            assert caught.value.__cause__.sqlstate
            assert connection.rows("SELECT 1") == [(1,)]

    def test_it_says_that_a_broken_transaction_is_broken(self):
        with pytest.raises(TransactionManagementError), transaction.atomic():
            try:
                with transaction.atomic(savepoint=False):
                    connection.rows("SELECT 1 / 0")
            except DataError:
                connection.rows("SELECT 1")

    @pytest.mark.parametrize("inside", [True, False])
    def test_a_lost_connection_is_an_operational_error(self, inside):
        connection.rows("SELECT 1 AS before", prepared=True)
        terminate(connection.connection.info.backend_pid)
        with pytest.raises(OperationalError):
            if inside:
                with transaction.atomic():
                    connection.rows("SELECT 1 AS before", prepared=True)
            else:
                connection.rows("SELECT 1 AS before", prepared=True)
        if not inside:  # leaving a transaction, Django connects anew by itself
            assert connection.connection.closed
            connection.close()
        assert connection.rows("SELECT 1 AS before", prepared=True) == [(1,)]
