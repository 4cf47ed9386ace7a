"""Rows into the database by COPY: a hundred times faster than INSERT, and all constraints hold."""

from collections.abc import Callable, Iterator

from django.db import connection
from psycopg import sql

from apps.profiling.seeding.tables import Table


def copy(table: Table, progress: Callable[[int], None]) -> None:
    """`progress` hears how many rows are gone, now and then."""
    defaults = defaults_of(table)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.model._meta.db_table),
        sql.SQL(", ").join(map(sql.Identifier, (*table.columns, *defaults))),
    )
    constant = tuple(defaults.values())
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        for row in counted(table.rows, progress):
            stream.write_row(row + constant)


def counted(rows, progress: Callable[[int], None]) -> Iterator[tuple]:
    number = 0
    for number, row in enumerate(rows, 1):
        yield row
        if number % 1000 == 0:
            progress(number)
    progress(number)


def defaults_of(table: Table) -> dict[str, object]:
    """Columns that the seed does not mention, as a new row has them."""
    fields = [field for field in table.model._meta.concrete_fields if not field.generated]
    return {field.column: field.get_default() for field in fields if field.column not in table.columns}
