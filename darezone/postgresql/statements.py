"""Statements that a psycopg connection runs without a cursor: those few that are made on every request.

A cursor looks up whether its text is prepared, converts it, and waits in Python, which takes longer than a small read
itself. Here a statement keeps what converts its values and its columns, and a further use is one call of libpq.
"""

import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from psycopg import Connection, OperationalError, errors
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

from darezone.postgresql.pipeline import Pipeline

MOST_STATEMENTS, MOST_TYPES = 200, 8
PLACEHOLDER = re.compile(r"%(?:%|s|\((\w+)\)s)")
# The server has forgotten the statement, or the type of a column has changed below its plan.
STALE = (errors.InvalidSqlStatementName, errors.FeatureNotSupported)
IDLE, INTRANS = TransactionStatus.IDLE, TransactionStatus.INTRANS

type Values = Sequence[Any] | Mapping[str, Any]
type Call = tuple[str, Values, bool]
"""SQL, its values, and whether it is prepared."""


class Statements:
    """Those of one connection, which belongs to one thread at a time, as Django's do. Errors are psycopg's."""

    def __init__(self, connection: Connection):
        self.connection, self.pgconn = connection, connection.pgconn
        self.known: OrderedDict[tuple[str, bool], Statement] = OrderedDict()
        self.count = 0

    @classmethod
    def of(cls, connection: Connection) -> "Statements":
        found = connection.__dict__.get("_statements")
        if found is None:
            found = connection._statements = cls(connection)
        return found

    @property
    def can_run(self) -> bool:
        """Not on a lost connection or in a failed transaction, where a cursor knows what to say; nor when what opens
        a transaction is more than BEGIN."""
        status, connection = self.pgconn.transaction_status, self.connection
        if status != IDLE or connection.autocommit:
            return status in (IDLE, INTRANS)
        return connection.isolation_level is connection.read_only is connection.deferrable is None

    @property
    def would_begin(self) -> bool:
        """Does the next statement open a transaction?"""
        return not self.connection.autocommit and self.pgconn.transaction_status == IDLE

    def rows(self, sql: str, params: Values, prepared: bool) -> list[tuple]:
        """All rows of a statement that returns some. Opens a transaction when the connection is not in autocommit."""
        begins = self.would_begin
        try:
            return self._statement(sql, prepared).rows(params, begins)
        except STALE:
            self._forget(sql, prepared)
            if begins or self.pgconn.transaction_status != IDLE:
                raise  # what came before it is lost with it: whoever opened the transaction begins again
            return self._statement(sql, prepared).rows(params, begins)

    def together(self, calls: Sequence[Call]) -> Iterator[list[tuple]]:
        """The rows of several statements, which are sent in one round trip. Not for what would open a transaction."""
        ready, taken = [self._statement(sql, prepared).ready(params) for sql, params, prepared in calls], 0
        with Pipeline(self.pgconn) as pipeline:
            for one in ready:
                one.send()
            pipeline.sync()
            for one in ready:
                result = pipeline.next()
                if result.status != ExecStatus.TUPLES_OK:
                    break
                taken += 1
                yield one.statement.loaded(one, result)
            else:
                return
        try:
            checked(result, ExecStatus.TUPLES_OK, self.pgconn)
        except STALE:
            sql, _, prepared = calls[taken]
            self._forget(sql, prepared)
            if self.pgconn.transaction_status != IDLE:
                raise
            yield from (self.rows(*call) for call in calls[taken:])

    def commit(self) -> None:
        if self.pgconn.transaction_status == INTRANS:
            checked(self.pgconn.exec_(b"COMMIT"), ExecStatus.COMMAND_OK, self.pgconn)

    def _forget(self, sql: str, prepared: bool) -> None:
        self.known.pop((sql, prepared)).forget()

    def _statement(self, sql: str, prepared: bool) -> "Statement":
        key = (sql, prepared)
        if key in self.known:
            self.known.move_to_end(key)
            return self.known[key]
        self.count += 1
        found = self.known[key] = Statement(self.connection, sql, f"darezone_{self.count}" if prepared else None)
        if len(self.known) > MOST_STATEMENTS:
            self.known.popitem(last=False)[1].forget()
        return found


class Prepared(NamedTuple):
    name: bytes
    columns: Transformer


class Ready(NamedTuple):
    """A statement with its values as libpq takes them."""

    statement: "Statement"
    prepared: Prepared | None
    values: Sequence
    types: tuple[int, ...]
    formats: Sequence

    def send(self) -> None:
        """Into a pipeline."""
        pgconn = self.statement.pgconn
        if self.prepared:
            pgconn.send_query_prepared(self.prepared.name, self.values, self.formats)
        else:
            pgconn.send_query_params(self.statement.sql, self.values, self.types, self.formats)


class Statement:
    """A statement of one connection, with what turns its values and its columns over. Without a `name` PostgreSQL plans
    it anew for the values of each call."""

    def __init__(self, connection: Connection, sql: str, name: str | None):
        self.connection, self.pgconn, self.name = connection, connection.pgconn, name
        self.sql, self.names = numbered(sql)
        self.values = Transformer(connection)
        self.prepared: dict[tuple[int, ...], Prepared] = {}
        """By the types of its values: an integer's depends on its size, and a column's may depend on a value's."""

    def rows(self, params: Values, begins: bool) -> list[tuple]:
        ready = self.ready(params)
        if begins:
            result = self._begun(ready)
        elif ready.prepared:
            result = self.pgconn.exec_prepared(ready.prepared.name, ready.values, ready.formats)
        else:
            result = self.pgconn.exec_params(self.sql, ready.values, ready.types, ready.formats)
        checked(result, ExecStatus.TUPLES_OK, self.pgconn)
        return self.loaded(ready, result)

    def ready(self, params: Values) -> Ready:
        if self.names:
            params = [params[name] for name in self.names]
        values = self.values.dump_sequence(params, [PyFormat.AUTO] * len(params))
        types = self.values.types
        return Ready(self, self.prepared.get(types) or self._prepare(types), values, types, self.values.formats)

    def loaded(self, ready: Ready, result: PGresult) -> list[tuple]:
        columns = ready.prepared.columns if ready.prepared else Transformer(self.connection)
        columns.set_pgresult(result, set_loaders=not ready.prepared)
        found = columns.load_rows(0, result.ntuples, tuple)
        columns.set_pgresult(None, set_loaders=False)
        return found

    def forget(self) -> None:
        for prepared in self.prepared.values():
            self.pgconn.exec_(b"DEALLOCATE " + prepared.name)

    def _prepare(self, types: tuple[int, ...]) -> Prepared | None:
        if self.name is None or len(self.prepared) == MOST_TYPES:
            return None
        name = f"{self.name}_{len(self.prepared)}".encode()
        checked(self.pgconn.prepare(name, self.sql, types), ExecStatus.COMMAND_OK, self.pgconn)
        described, columns = self.pgconn.describe_prepared(name), Transformer(self.connection)
        checked(described, ExecStatus.COMMAND_OK, self.pgconn)  # columns of none would be read past their end
        columns.set_pgresult(described)
        self.prepared[types] = Prepared(name, columns)
        return self.prepared[types]

    def _begun(self, ready: Ready) -> PGresult:
        """In one round trip: BEGIN, and the statement."""
        with Pipeline(self.pgconn) as pipeline:
            self.pgconn.send_query_params(b"BEGIN", None)
            ready.send()
            pipeline.sync()
            begun, result = pipeline.next(), pipeline.next()
        checked(begun, ExecStatus.COMMAND_OK, self.pgconn)
        return result


def checked(result: PGresult, expected: ExecStatus, pgconn: PGconn) -> None:
    if result.status == expected:
        return
    error = errors.error_from_result(result)
    # libpq's own farewell has no SQLSTATE, so it would be an error of no kind.
    raise error if error.sqlstate or pgconn.status == ConnStatus.OK else OperationalError(str(error))


def numbered(sql: str) -> tuple[bytes, list[str]]:
    """`%s` and `%(name)s` as libpq wants them, $1, $2 ...; and the names in their order, each once."""
    names: list[str] = []
    count = 0

    def number(match: re.Match) -> str:
        nonlocal count
        if match[0] == "%%":
            return "%"
        if match[1] is None:
            count += 1
            return f"${count}"
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    return PLACEHOLDER.sub(number, sql).encode(), names
