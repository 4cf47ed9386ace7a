"""The databases and the environment of tests whose every statement goes through PgBouncer."""

import sys

from pgbouncer import PgBouncer
from postgres import create_database, query
from processes import run_leashed

NAME, WORKERS = "pooled", 2
# Django would drop and migrate the databases through the pooler, which keeps them in use and deals locks to others.
OPTIONS = ["--reuse-db", "-p", "no:cacheprovider"]


def environment(pooler: PgBouncer, given: dict[str, str]) -> dict[str, str]:
    """To be added to the `given` one. Makes databases for pytest alone and for its first workers."""
    postgres, test = pooler.postgres, f"test_{NAME}"
    create_database(postgres.url(test))
    past = {"ENVIRONMENT": "test", "DATABASE_URL": postgres.url(test), "DATABASE_POOLER": "", "DATABASE_DIRECT_URL": ""}
    if run_leashed([sys.executable, "manage.py", "migrate", "-v", "0"], env=given | past):
        raise SystemExit("the database of the tests could not be migrated")
    for worker in range(WORKERS):
        query(postgres.url("postgres"), f'CREATE DATABASE "{test}_gw{worker}" TEMPLATE "{test}"')
    return {
        "ENVIRONMENT": "test",
        "DJANGO_TEST_DB": NAME,
        "DATABASE_URL": pooler.url("postgres"),
        "DATABASE_DIRECT_URL": postgres.url("postgres"),
        "DATABASE_POOLER": "transaction",
    }
