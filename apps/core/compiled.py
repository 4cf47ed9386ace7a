"""Querysets compiled once per process: the ORM writes the SQL, a call only binds values.

Building and compiling a queryset costs five to seven times the CPU of executing it. A read that is made on every
request is therefore declared once, with named parameters where its values will stand:

    page = Compiled(lambda user: Membership.objects.of(user).values("id", "role"), user=models.UUIDField())
    page.rows(user=user_id, limit=20)  # [{"id": ..., "role": ...}]

What cannot be compiled once is refused when it is compiled, with a sentence: a queryset that is empty by definition, a
slice (give `limit` and `offset` to the call: they are written as literals, because as parameters they defeat prepared
plans), and a date or time frozen into the SQL. None is refused when it is bound: `= NULL` finds nothing; write isnull.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.expressions import Expression
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan


class CannotCompile(TypeError):
    """The queryset has no SQL that holds for every value of its parameters."""


class Parameter(Expression):
    """A place in a queryset where a value is bound at each call."""

    def __init__(self, name: str, field: models.Field):
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler, connection) -> tuple[str, list["Parameter"]]:
        return "%s", [self]

    def bind(self, value: Any, connection) -> Any:
        if value is None:
            raise TypeError(f"{self.name} is None: a comparison with NULL finds nothing.")
        if isinstance(value, list | tuple | set | frozenset):
            raise TypeError(f"{self.name} is a collection: IN (...) has a length, which was compiled.")
        return self.output_field.get_db_prep_value(value, connection)


class Statement:
    """SQL, the order of its parameters, and how its columns become values; the same for every call."""

    def __init__(self, queryset: models.QuerySet, alias: str):
        if queryset.query.is_sliced:
            raise CannotCompile("A compiled queryset has no slice: give limit and offset to the call.")
        compiler = queryset.query.get_compiler(alias)
        try:
            self.sql, params = compiler.as_sql()
        except EmptyResultSet:
            raise CannotCompile("The queryset is empty whatever its parameters.") from None
        self.params = [self.checked(param) for param in params]
        columns = [column[0] for column in compiler.select[: compiler.col_count]]
        self.converters = [
            (position, converters, column)
            for position, (converters, column) in compiler.get_converters(columns).items()
        ]
        self.names = list(queryset.query.selected or {})

    def checked(self, param: Any) -> Any:
        if isinstance(param, date):
            raise CannotCompile(f"{param!r} would be frozen into the SQL: make it a parameter.")
        return param

    def bound(self, values: dict[str, Any], connection) -> list[Any]:
        return [
            param.bind(values[param.name], connection) if isinstance(param, Parameter) else param
            for param in self.params
        ]

    def converted(self, rows: list[tuple], connection) -> list[tuple]:
        if not self.converters:
            return rows
        changed = [list(row) for row in rows]
        for position, converters, column in self.converters:
            for row in changed:
                for converter in converters:
                    row[position] = converter(row[position], column, connection)
        return changed


class Compiled:
    """A queryset of rows (`values` or `values_list`) as a function of its parameters.

    `build` takes the parameters by name and returns the queryset; the keyword arguments give their fields.
    """

    def __init__(self, build: Callable[..., models.QuerySet], **fields: models.Field):
        self.build = build
        self.parameters = {name: Parameter(name, field) for name, field in fields.items()}
        self.statements: dict[str, Statement] = {}

    def tuples(
        self, *, limit: int | None = None, offset: int = 0, using: str = DEFAULT_DB_ALIAS, **values: Any
    ) -> list[tuple]:
        """Rows in the order of the queryset's columns."""
        if values.keys() != self.parameters.keys():
            raise TypeError(f"takes {sorted(self.parameters)}, got {sorted(values)}")
        connection = connections[using]
        statement = self.statement(using)
        with connection.cursor() as cursor:
            cursor.execute(statement.sql + sliced(limit, offset), statement.bound(values, connection))
            return statement.converted(cursor.fetchall(), connection)

    def rows(self, **call: Any) -> list[dict[str, Any]]:
        """Rows as dictionaries, like `values()`."""
        found = self.tuples(**call)
        names = self.statement(call.get("using", DEFAULT_DB_ALIAS)).names
        return [dict(zip(names, row, strict=True)) for row in found]

    def row(self, **call: Any) -> dict[str, Any] | None:
        """The first row, or None."""
        return next(iter(self.rows(limit=1, **call)), None)

    def value(self, **call: Any) -> Any:
        """The first column of the first row, or None."""
        return next((row[0] for row in self.tuples(**call)), None)

    def bind(self, **values: Any) -> "Bound":
        """With its values, for core/pagination: a page of it, the rows behind a position, its count."""
        return Bound(self, values)

    def statement(self, using: str) -> Statement:
        # Two threads may compile at once; both make the same statement, and one of them stays.
        if using not in self.statements:
            self.statements[using] = Statement(self.build(**self.parameters), using)
        return self.statements[using]


class Pages(Compiled):
    """A compiled list in a total order: it also counts itself, and continues behind a position in its order.

    `order` names the sort columns, all descending, with their fields; the rows must carry them.
    """

    def __init__(
        self, build: Callable[..., models.QuerySet], *, order: dict[str, models.Field], **fields: models.Field
    ):
        super().__init__(build, **fields)
        positions = {f"after_{column}": field for column, field in order.items()}
        self.counted = Compiled(lambda **values: counted(build(**values)), **fields)
        self.continued = Compiled(lambda **values: continued(build, order, values), **fields, **positions)


class Bound:
    """A compiled list with its values. Slices and counts like a queryset of rows."""

    def __init__(self, compiled: Compiled, values: dict[str, Any]):
        self.compiled, self.values = compiled, values

    def __getitem__(self, rows: slice) -> list[dict[str, Any]]:
        start = rows.start or 0
        return self.compiled.rows(limit=rows.stop - start, offset=start, **self.values)

    def count(self) -> int:
        return self.compiled.counted.value(**self.values)

    def after(self, position: dict[str, Any]) -> "Bound":
        behind = {f"after_{column}": value for column, value in position.items()}
        return Bound(self.compiled.continued, self.values | behind)


def counted(queryset: models.QuerySet) -> models.QuerySet:
    number = models.Func(models.F("pk"), function="COUNT", output_field=models.IntegerField())
    return queryset.order_by().values_list(number)


def continued(build: Callable[..., models.QuerySet], order: dict[str, models.Field], values: dict) -> models.QuerySet:
    position = [values.pop(f"after_{column}") for column in order]
    return behind(build(**values), list(order), position)


def behind(queryset: models.QuerySet, columns: list[str], position: list) -> models.QuerySet:
    """Rows behind a position, as one row comparison: written with OR it would read like a deep OFFSET."""
    return queryset.filter(TupleLessThan(Tuple(*(models.F(column) for column in columns)), tuple(position)))


def sliced(limit: int | None, offset: int) -> str:
    """LIMIT and OFFSET as literals."""
    text = f" LIMIT {int(limit)}" if limit is not None else ""
    return f"{text} OFFSET {int(offset)}" if offset else text
