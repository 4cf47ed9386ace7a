"""Tables whose plans are known, and their plans; of those modules that import them."""

import pytest
from django.db import connection, transaction

from apps.profiling import plans

# Account 0 has 5,000 entries on 500 days, the others about ninety each, spread over the whole table.
ENTRIES = """
CREATE TABLE accounts (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO accounts SELECT n, 'account ' || n FROM generate_series(0, 499) n;
CREATE TABLE entries (id int PRIMARY KEY, account int NOT NULL, day date NOT NULL, state text NOT NULL, note text);
INSERT INTO entries
    SELECT n, CASE WHEN n <= 5000 THEN 0 ELSE 1 + mod(n, 499) END, date '2020-01-01' + (n - 1) / 10,
        CASE mod(n, 100) WHEN 0 THEN 'odd' ELSE 'even' END, md5(n::text) || repeat('.', 300)
    FROM generate_series(1, 50000) n;
CREATE INDEX entries_account_day ON entries (account, day);
ANALYZE accounts, entries;
"""
SIZES = {"accounts": 500, "entries": 50_000}


@pytest.fixture(scope="class")
def entries(django_db_setup, django_db_blocker):
    """The tables exist for the tests of a class, in a transaction that nobody else sees."""
    with django_db_blocker.unblock(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(ENTRIES)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def plan(entries):
    """Plans a statement, with planner settings if need be; `off` names what the planner shall avoid."""

    def plan(sql, *params, off=(), **settings):
        with transaction.atomic(), connection.cursor() as cursor:
            for name, value in ({f"enable_{method}": "off" for method in off} | settings).items():
                cursor.execute(f"SET LOCAL {name} = '{value}'")
            found = plans.explain(sql, params, connection)
            transaction.set_rollback(True)
        return found

    return plan


def broken(plan, **limits):
    return plans.violations(plan, SIZES, **limits)
