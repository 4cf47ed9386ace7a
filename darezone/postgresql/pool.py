"""A psycopg pool that hands out living connections and finds a server that comes back."""

import select
from time import monotonic

from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool, PoolTimeout

SLICE_SECONDS = 0.25


class LivePool(ConnectionPool):
    """psycopg's pool asks each connection with a round trip, or hands out dead ones; after a restart of the server it
    waits 1, 2, 4 ... seconds between attempts. Here a connection is looked at without asking, dead ones are replaced at
    once, and while somebody waits an attempt is made every quarter of a second.
    """

    def __init__(self, **options):
        super().__init__(**options, reconnect_timeout=0)

    def getconn(self, timeout: float | None = None) -> Connection:
        """A connection, or PoolTimeout after `timeout` seconds (the pool's own by default)."""
        seconds = self.timeout if timeout is None else timeout
        deadline = monotonic() + seconds
        while (left := deadline - monotonic()) > 0:
            connection = self._take(min(left, SLICE_SECONDS))
            if connection and is_alive(connection):
                return connection
            if connection:
                connection.close()
                self.putconn(connection)  # which makes a new one in its place
        raise PoolTimeout(f"No database connection after {seconds:.1f} s.")

    def _take(self, seconds: float) -> Connection | None:
        try:
            return super().getconn(seconds)
        except PoolTimeout:
            return None


def is_alive(connection: Connection) -> bool:
    """An idle connection has nothing to read, unless the server said something, mostly farewell: then it is asked."""
    if connection.closed:
        return False
    watch = select.poll()
    watch.register(connection.fileno(), select.POLLIN)
    if not watch.poll(0):
        return True
    try:
        ConnectionPool.check_connection(connection)
    except OperationalError:
        return False
    return True
