"""Other ways to ask PostgreSQL: by a cursor, within a limit, from another thread; and values to ask with."""

import threading
from datetime import UTC, date, datetime

from django.db import connection
from hypothesis import strategies as st

from darezone.postgresql.statements import Statements

values = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    st.uuids(),
    st.dates(date(1, 1, 1)),
    st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is beside it
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9),
    st.binary(),
    st.none(),
)


def by_cursor(sql, params=()):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def known() -> Statements:
    return Statements.of(connection.connection)


def turns_during(run) -> int:
    """How often this thread gets its turn while another one runs that."""

    def closing():
        try:
            run()
        finally:
            connection.close()

    thread, turns = threading.Thread(target=closing), 0
    thread.start()
    while thread.is_alive():
        thread.join(0.01)
        turns += 1
    return turns


class limited:  # noqa: N801 - reads as what it does
    """Statements may take 200 ms."""

    def __enter__(self):
        run("SET statement_timeout = 200")

    def __exit__(self, *exc):
        run("RESET statement_timeout")


def terminate(pid):
    def run():
        try:
            connection.rows("SELECT pg_terminate_backend(%s, 5000)", [pid])
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
