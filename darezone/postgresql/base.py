"""Django's PostgreSQL backend over LivePool, with a way past the cursor for statements made on every request."""

from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from typing import Any

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError

from apps.core.measured import count_statement
from darezone.postgresql.pool import LivePool
from darezone.postgresql.statements import Call, Statements, Values


class Read:
    """What an execute wrapper finds in place of a cursor when rows are fetched without one. It has a description, of
    whatever columns, once there are rows."""

    def __init__(self, is_prepared: bool):
        self.is_prepared, self.rowcount, self.description = is_prepared, -1, None


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(count_statement)

    def rows(self, sql: str, params: Values = (), *, prepared: bool = False) -> list[tuple]:
        """All rows of a statement that returns some; `prepared` for one that was written for one plan for all values.

        Says the same as a cursor would, with the same execute wrappers and errors, for less CPU.
        """
        statements = self._connected()
        if not statements:
            return self._rows_of_cursor(sql, params)
        return self._watched(statements.rows, (sql, params, prepared))

    def together(self, calls: Sequence[Call]) -> list[list[tuple]]:
        """The rows of several statements that need nothing of each other, in one round trip. One after the other where
        somebody else watches, who may want to say something in between."""
        statements = self._connected()
        if not statements or statements.would_begin or self.execute_wrappers != [count_statement]:
            return [self.rows(sql, params, prepared=prepared) for sql, params, prepared in calls]
        with closing(statements.together(calls)) as found:
            return [self._watched(lambda *_: next(found), call) for call in calls]

    def _connected(self) -> Statements | None:
        self.close_if_health_check_failed()
        self.ensure_connection()
        self.validate_thread_sharing()
        return self._statements()

    def _watched(self, fetch: Callable[..., list[tuple]], call: Call) -> list[tuple]:
        sql, params, prepared = call
        execute = partial(self._fetch, fetch)
        for wrapper in reversed(self.execute_wrappers):
            execute = partial(wrapper, execute)
        return execute(sql, params, False, {"connection": self, "cursor": Read(prepared)})

    def _statements(self) -> Statements | None:
        """None where only cursors do: through a transaction pooler, for Django's log of queries, after an error."""
        if self.queries_logged or self.connection.cursor_factory is not base.ServerBindingCursor:
            return None
        statements = Statements.of(self.connection)
        return statements if statements.can_run else None

    def _fetch(self, fetch: Callable, sql: str, params: Any, many: bool, context: dict[str, Any]) -> list[tuple]:
        read = context["cursor"]
        self.validate_no_broken_transaction()
        with self.wrap_database_errors:
            found = fetch(sql, params, read.is_prepared)
        read.rowcount, read.description = len(found), (None,)
        return found

    def _rows_of_cursor(self, sql: str, params: Any) -> list[tuple]:
        with self.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchall()

    def _commit(self) -> None:
        statements = self.connection and self._statements()
        if not statements:
            return super()._commit()
        with self.wrap_database_errors:
            statements.commit()

    def _set_autocommit(self, autocommit: bool) -> None:
        # Each request takes a connection out of the pool, and Django then sets what it mostly is already.
        if self.connection.autocommit != autocommit:
            super()._set_autocommit(autocommit)

    def _configure_connection(self, connection: Connection) -> bool:
        """Of each new connection: time zone and role, as Django does it, and what settings say in SESSION."""
        changed = super()._configure_connection(connection)
        session = self.settings_dict.get("SESSION", {})
        for name, value in session.items():
            connection.execute("SELECT set_config(%s, %s, false)", [name, value])
        return changed or bool(session)

    def _configure_timezone(self, connection: Connection) -> bool:
        if self.settings_dict.get("POOLER") != "transaction":
            return super()._configure_timezone(connection)
        # What is SET over a transaction pooler stays on a connection of the server, for whoever is dealt it next.
        found = connection.info.parameter_status("TimeZone")
        if found not in (None, self.timezone_name):
            raise OperationalError(f"The role's time zone is {found}, not {self.timezone_name}: run database_limits.")
        return False

    @property
    def pool(self) -> LivePool | None:
        """One per process and alias, opened by its first use: a pool must not live through a fork."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not options:
            return None
        if self.alias not in self._connection_pools:
            connect = self.get_connection_params() | {"autocommit": True}
            pool = LivePool(kwargs=connect, open=False, configure=self._configure_connection, **options)
            # Of pools that threads make at the same time the first stays; none is open yet.
            self._connection_pools.setdefault(self.alias, pool)
        return self._connection_pools[self.alias]
