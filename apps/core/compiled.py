"""Querysets compiled once per process: the ORM writes the SQL, a call only binds values.

Building and compiling a queryset costs five to seven times the CPU of executing it. A read that is made on every
request is therefore declared once, with named parameters where its values will stand:

    page = Compiled(lambda user: Membership.objects.of(user).values("id", "role"), user=models.UUIDField())
    page.rows(user=user_id, limit=20)  # [{"id": ..., "role": ...}]

What cannot be compiled once is refused when it is compiled, with a sentence: a queryset that is empty by definition, a
slice (give `limit` and `offset` to the call: they are written as literals, because as parameters they defeat prepared
plans), and a date or time frozen into the SQL. None is refused when it is bound: `= NULL` finds nothing; write isnull.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models.expressions import Expression
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan
from django.db.transaction import TransactionManagementError

from apps.core import replica
from apps.core.literals import sliced, with_literals


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
        if value is None and not self.output_field.null:
            raise TypeError(f"{self.name} is None: a comparison with NULL finds nothing.")
        if isinstance(value, list | tuple | set | frozenset):
            raise TypeError(f"{self.name} is a collection: IN (...) has a length, which was compiled.")
        return self.output_field.get_db_prep_value(value, connection)


def checked(params: Sequence[Any]) -> list[Any]:
    for param in params:
        if isinstance(param, date):
            raise CannotCompile(f"{param!r} would be frozen into the SQL: make it a parameter.")
    return list(params)


def bound(params: list[Any], values: dict[str, Any], connection) -> list[Any]:
    return [param.bind(values[param.name], connection) if isinstance(param, Parameter) else param for param in params]


class Statement:
    """SQL, the order of its parameters, and how its columns become values; the same for every call."""

    def __init__(self, queryset: models.QuerySet, alias: str):
        if queryset.query.is_sliced:
            raise CannotCompile("A compiled queryset has no slice: give limit and offset to the call.")
        compiler = queryset.query.get_compiler(alias)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            raise CannotCompile("The queryset is empty whatever its parameters.") from None
        self.sql, self.params = with_literals(sql, checked(params))
        self.locks = queryset.query.select_for_update
        columns = [column[0] for column in compiler.select[: compiler.col_count]]
        self.converters = [
            (position, converters, column)
            for position, (converters, column) in compiler.get_converters(columns).items()
        ]
        self.names = list(queryset.query.selected or {})

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

    `build` takes the parameters by name and returns the queryset; the keyword arguments give their fields. The
    statement is prepared: PostgreSQL then soon keeps one plan for all values. `is_skewed` says that no single plan is
    good for all of them, so that each call is planned for its own.
    """

    def __init__(self, build: Callable[..., models.QuerySet], *, is_skewed: bool = False, **fields: models.Field):
        self.build, self.is_skewed = build, is_skewed
        if any(field.null for field in fields.values()):
            raise CannotCompile("A comparison with NULL finds nothing: write isnull.")
        self.parameters = {name: Parameter(name, field) for name, field in fields.items()}
        self.statements: dict[str, Statement] = {}

    def call(self, *, limit: int | None = None, offset: int = 0, **values: Any) -> "Call":
        """With its values, to be made by `together` or by the first who wants its rows."""
        return Call(self, limit, offset, values)

    def tuples(self, *, using: str | None = None, **call: Any) -> list[tuple]:
        """Rows in the order of the queryset's columns."""
        return self.call(**call).tuples(using)

    def rows(self, *, using: str | None = None, **call: Any) -> list[dict[str, Any]]:
        """Rows as dictionaries, like `values()`."""
        return self.call(**call).rows(using)

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

    `order` names the sort columns, all descending, with their fields; the rows must carry them. `count` builds the same
    rows without the joins that only their columns need.
    """

    def __init__(
        self,
        build: Callable[..., models.QuerySet],
        *,
        order: dict[str, models.Field],
        count: Callable[..., models.QuerySet] | None = None,
        **fields: models.Field,
    ):
        super().__init__(build, **fields)
        positions = {f"after_{column}": field for column, field in order.items()}
        self.counted = Compiled(lambda **values: counted((count or build)(**values)), **fields)
        self.continued = Compiled(lambda **values: continued(build, order, values), **fields, **positions)


class Call:
    """A compiled read with its values. Like a queryset, it is made once, by the first who wants its rows."""

    found: list[tuple] | None = None
    """Its rows once it was made, as the database knows them."""

    def __init__(self, compiled: Compiled, limit: int | None, offset: int, values: dict[str, Any]):
        if values.keys() != compiled.parameters.keys():
            raise TypeError(f"takes {sorted(compiled.parameters)}, got {sorted(values)}")
        self.compiled, self.limit, self.offset, self.values = compiled, limit, offset, values

    def tuples(self, using: str | None = None) -> list[tuple]:
        using = using or replica.alias()
        connection = connections[using]
        if self.found is None:
            sql, values, prepared = self.bound(using)
            self.found = connection.rows(sql, values, prepared=prepared)
        return self.compiled.statement(using).converted(self.found, connection)

    def rows(self, using: str | None = None) -> list[dict[str, Any]]:
        found = self.tuples(using)
        names = self.compiled.statement(using or replica.alias()).names
        return [dict(zip(names, row, strict=True)) for row in found]

    def row(self) -> dict[str, Any] | None:
        return next(iter(self.rows()), None)

    def bound(self, using: str) -> tuple[str, list[Any], bool]:
        """SQL, its values, and whether it is prepared."""
        statement = self.compiled.statement(using)
        if statement.locks and not connections[using].in_atomic_block:
            raise TransactionManagementError("A lock outside of a transaction would be gone at once.")
        # Of pages only the first is asked for often enough to be worth a prepared statement.
        is_prepared = not self.compiled.is_skewed and not self.offset
        values = bound(statement.params, self.values, connections[using])
        return statement.sql + sliced(self.limit, self.offset), values, is_prepared


class Bound:
    """A compiled list with its values. Slices and counts like a queryset of rows."""

    def __init__(self, compiled: Pages, values: dict[str, Any]):
        self.compiled, self.values = compiled, values
        self.calls: dict[tuple[int, int] | None, Call] = {}
        """Of the slices, and under None of the count."""

    def __getitem__(self, rows: slice) -> list[dict[str, Any]]:
        return self.slice(rows.start or 0, rows.stop).rows()

    def count(self) -> int:
        return self.counted().tuples()[0][0]

    def slice(self, start: int, stop: int) -> Call:
        call = self.compiled.call(limit=stop - start, offset=start, **self.values)
        return self.calls.setdefault((start, stop), call)

    def counted(self) -> Call:
        return self.calls.setdefault(None, self.compiled.counted.call(**self.values))

    def after(self, position: dict[str, Any]) -> "Bound":
        behind = {f"after_{column}": value for column, value in position.items()}
        return Bound(self.compiled.continued, self.values | behind)


def together(*calls: Call) -> None:
    """Makes those that nobody has made yet, in one round trip. None of them may need what another finds."""
    using = replica.alias()
    waiting = [call for call in calls if call.found is None]
    if waiting:
        results = connections[using].together([call.bound(using) for call in waiting])
        for call, found in zip(waiting, results, strict=True):
            call.found = found


def counted(queryset: models.QuerySet) -> models.QuerySet:
    # Of rows, not of keys: COUNT("id") looks up every row of an index that does not hold the id.
    number = models.Func(template="COUNT(*)", output_field=models.IntegerField())
    return queryset.order_by().values_list(number)


def continued(build: Callable[..., models.QuerySet], order: dict[str, models.Field], values: dict) -> models.QuerySet:
    position = [values.pop(f"after_{column}") for column in order]
    return behind(build(**values), list(order), position)


def behind(queryset: models.QuerySet, columns: list[str], position: list) -> models.QuerySet:
    """Rows behind a position, as one row comparison: written with OR it would read like a deep OFFSET."""
    return queryset.filter(TupleLessThan(Tuple(*(models.F(column) for column in columns)), tuple(position)))
