"""The plan of every statement that a block of code executes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from apps.profiling.plans import Plan, can_explain, explain, explain_prepared


class Explained(NamedTuple):
    sql: str
    params: Any
    plan: Plan


@contextmanager
def explained(connection) -> Iterator[list[Explained]]:
    """Each statement is explained right before it runs, when it finds the rows that it is about to change; one that is
    prepared twice, the second time with the plan for all values. Of many sets of parameters the first is taken."""
    found: list[Explained] = []
    explaining = False

    def record(execute, sql, params, many, context):
        nonlocal explaining
        if not explaining and can_explain(sql):
            explaining = True
            try:
                first = params[0] if many else params
                found.append(Explained(sql, first, explain(sql, first, connection)))
                if getattr(context["cursor"], "is_prepared", False):
                    prepared = explain_prepared(sql, first, connection)
                    found.append(Explained(f"(prepared) {sql}", first, prepared))
            finally:
                explaining = False
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        yield found
