"""What the budgets are counted with."""

import pytest
from django.db import connection, transaction

from apps.accounts.models import User
from apps.profiling.tests.counting import counting, fingerprint

pytestmark = pytest.mark.django_db


class TestCounting:
    def test_it_sees_cursors_batches_and_raw_sql_but_no_transaction_control(self):
        with counting() as counted, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.executemany("SELECT %s", [(1,), (2,), (3,)])
        assert counted.statements == ["SELECT 1"] + ["SELECT %s"] * 3

    def test_it_counts_the_rows_that_are_fetched_but_not_those_that_are_changed(self, owner, member):
        users = User.objects.filter(pk__in=[owner.pk, member.pk])
        with counting() as counted:
            assert len(users.values_list("pk")) == 2
            assert users.update(points=1) == 2
        assert counted.rows == 2

    def test_a_fingerprint_knows_neither_values_nor_lengths(self):
        one = fingerprint("SELECT a1 FROM t WHERE x IN (%s) AND y = 'it''s' LIMIT 20")
        two = fingerprint("SELECT a1  FROM t WHERE x IN (%s, %s) AND y = '' LIMIT 21")
        assert one == two == "SELECT a1 FROM t WHERE x IN (?) AND y = ? LIMIT ?"
        assert fingerprint("INSERT INTO t VALUES (%s, %s), (%s, %s)") == fingerprint("INSERT INTO t VALUES (%s, %s)")
        assert fingerprint("SELECT a") != fingerprint("SELECT b")
