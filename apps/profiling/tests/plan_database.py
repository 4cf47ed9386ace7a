"""A database of its own for the plans, filled, vacuumed and analyzed, which no transaction of a test could be."""

from collections.abc import Iterator
from contextlib import contextmanager

from apps.profiling import plan_data
from apps.profiling.plan_data import Landmarks

# What production is told to set, and our own servers have: with the default of 4, for spinning disks, the planner
# prefers to read a whole table where we read a few rows by key.
RANDOM_PAGE_COST = 1.1


@contextmanager
def database_of_tests(connection) -> Iterator[None]:
    """pytest-django makes none when all tests that are run are without its mark, which would be a transaction each."""
    if "users" in connection.introspection.table_names():
        yield
        return
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


@contextmanager
def plan_database(connection) -> Iterator[Landmarks]:
    """The connection, and every one that is opened meanwhile, works on a large copy of the test database.

    Its name derives from that of the test database, so runs and workers side by side do not share it.
    """
    empty = connection.settings_dict["NAME"]
    large = f"{empty}_plans"
    connection.close()  # nobody may use the database that is copied
    run(connection, drop(large), f'CREATE DATABASE "{large}" TEMPLATE "{empty}"')
    run(connection, f'ALTER DATABASE "{large}" SET random_page_cost = {RANDOM_PAGE_COST}')
    connection.settings_dict["NAME"] = large
    try:
        leave_to_us(connection)
        yield plan_data.fill()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = empty
        run(connection, drop(large))


def leave_to_us(connection) -> None:
    """Autovacuum would come between two tests or not, and change what an index-only scan costs."""
    with connection.cursor() as cursor:
        for table in plan_data.tables():
            cursor.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")


def drop(name: str) -> str:
    return f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'


def run(connection, *statements: str) -> None:
    """From a database that always exists, and in no transaction."""
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
