"""Django's PostgreSQL backend over LivePool, with prepared statements for those who ask for them."""

from typing import Any

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError

from apps.core.measured import count_statement
from darezone.postgresql.pool import LivePool

NEVER_BY_ITSELF = 1_000_000_000


class Cursor(base.ServerBindingCursor):
    """Its statements are prepared when `prepares` is set. A prepared statement soon has one plan for all values, which
    is good only for statements that were written for it."""

    prepares = False

    def execute(self, query: Any, params: Any = None, **options: Any) -> "Cursor":
        return super().execute(query, params, **{"prepare": self.prepares} | options)


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(count_statement)

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        if params["cursor_factory"] is base.ServerBindingCursor:
            params |= {"cursor_factory": Cursor, "prepare_threshold": NEVER_BY_ITSELF}
        return params

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
