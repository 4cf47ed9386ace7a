"""The statements, the rows and the Redis round trips of a block of code."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from unittest import mock

from django.apps import apps
from django.db import connection
from redis.connection import AbstractConnection

from apps.core import health
from apps.core.slow_statements import fingerprint

FEW_COLUMNS = 5
CONTROL = re.compile(r"\s*(SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT|START TRANSACTION)\b", re.IGNORECASE)


class Counted:
    def __init__(self):
        self.statements: list[str] = []
        self.redis = 0
        self.rows = 0
        """Fetched: of SELECT and of RETURNING."""

    @property
    def fingerprints(self) -> list[str]:
        return [fingerprint(sql) for sql in self.statements]

    def record(self, execute, sql, params, many, context):
        """An execute wrapper, so that cursors and raw SQL are seen too. Each of many sets of parameters counts."""
        params = list(params) if many else params
        if not CONTROL.match(text := str(sql)):
            self.statements += [text] * (len(params) if many else 1)
        result = execute(sql, params, many, context)
        cursor = context["cursor"]
        self.rows += cursor.rowcount if cursor.description else 0
        return result


def read_whole(sql: str) -> list[str]:
    """The tables of which a SELECT of the ORM names every column. Short ones do not matter."""
    columns = sql.partition(" FROM ")[0] if sql.startswith("SELECT") else ""
    return [
        model._meta.db_table
        for model in apps.get_models()
        if len(model._meta.concrete_fields) > FEW_COLUMNS
        and all(f'"{model._meta.db_table}"."{field.column}"' in columns for field in model._meta.concrete_fields)
    ]


@contextmanager
def counting() -> Iterator[Counted]:
    found = Counted()
    send = AbstractConnection.send_packed_command

    def count(self, *args, **kwargs):
        # A breaker that an earlier test has opened is closed by its own thread, whenever it likes.
        found.redis += threading.current_thread().name != "cache-breaker"
        return send(self, *args, **kwargs)

    # The health checks ask in threads of their own, over connections of their own.
    threads = ThreadPoolExecutor(1, initializer=lambda: connection.execute_wrappers.append(found.record))
    with (
        threads,
        mock.patch.object(health, "_threads", threads),
        mock.patch.object(AbstractConnection, "send_packed_command", count),
        connection.execute_wrapper(found.record),
    ):
        yield found
