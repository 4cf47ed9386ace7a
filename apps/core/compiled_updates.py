"""Updates compiled once per process, as compiled.py does with reads: the ORM writes the SQL, a call binds values."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models.sql import UpdateQuery

from apps.core.compiled import CannotCompile, Parameter, bound, checked
from apps.core.literals import with_literals


class Update:
    """`queryset.update(**changes)` as a function of its parameters.

    `build` takes the parameters by name and returns the queryset and its changes; the keyword arguments give their
    fields: with `null=True` for the new value of a column that may be emptied, else None is refused.
    """

    def __init__(self, build: Callable[..., tuple[models.QuerySet, dict[str, Any]]], **fields: models.Field):
        self.build = build
        self.parameters = {name: Parameter(name, field) for name, field in fields.items()}
        self.statement: tuple[str, list[Any]] | None = None

    def run(self, **values: Any) -> int:
        """How many rows were changed."""
        if values.keys() != self.parameters.keys():
            raise TypeError(f"takes {sorted(self.parameters)}, got {sorted(values)}")
        if self.statement is None:
            self.statement = self._compiled()
        sql, params = self.statement
        ((changed,),) = connection.rows(sql, bound(params, values, connection), prepared=True)
        return changed

    def _compiled(self) -> tuple[str, list[Any]]:
        queryset, changes = self.build(**self.parameters)
        query = queryset.order_by().query.chain(UpdateQuery)
        query.add_update_values(changes)
        try:
            sql, params = query.get_compiler(connection.alias).as_sql()
        except EmptyResultSet:
            raise CannotCompile("The queryset is empty whatever its parameters.") from None
        # Counted by the server: an update of thousands answers one row.
        counted = f"WITH changed AS ({sql} RETURNING 1) SELECT count(*) FROM changed"  # noqa: S608 - the ORM's own
        return with_literals(counted, checked(params))
