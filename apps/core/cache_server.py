"""The cache server (Redis or Valkey): one connection a thread, one round trip a call, and nothing waits for it twice.

A thread keeps its connection: borrowing one for each command is most of what redis-py's client costs (an MGET takes
58 us of CPU through the client and 13 over a connection of one's own, measured). It is asked through a breaker, and
tokens that it could not be told to forget are remembered until it can.
"""

import threading
import time
from typing import Any

from django_redis import get_redis_connection
from redis.exceptions import ConnectionError, RedisError

from apps.core.breaker import Breaker
from apps.core.cache_numbers import LOST, trip

SILENT_SECONDS = 0.05
MOST_WAITING = 3
MOST_LOST = 100_000


class Unavailable(Exception):
    """The cache server did not answer, or is not asked now: the database does the work."""


class CacheServer:
    """`alias` names the entry of CACHES whose address, password, database and time-outs are used."""

    silent_seconds = SILENT_SECONDS

    def __init__(self, alias: str = "default", *, pause: float = 2.0):
        self.alias = alias
        self.breaker = Breaker(self.recover, pause=pause)
        self.threads = threading.local()
        self.slots = threading.Semaphore(MOST_WAITING)
        self.under_way: set[int] = set()
        self.replied_at = self.unanswered_since = 0.0
        self.lost: set[str] = set()
        self.address: tuple | None = None

    def ask(self, *commands: tuple) -> list[Any]:
        """The replies to commands sent together: one round trip. Raises Unavailable."""
        if self.breaker.is_open or not self._has_slot():
            raise Unavailable
        started = time.perf_counter()
        thread = threading.get_ident()
        self.under_way.add(thread)
        if self.unanswered_since <= self.replied_at:
            self.unanswered_since = started
        try:
            replies = self.exchange(commands)
        except (RedisError, OSError) as error:
            self.breaker.failed(error)
            raise Unavailable from error
        finally:
            self.under_way.discard(thread)
            self.slots.release()
            self._count(time.perf_counter() - started)
        self.breaker.succeeded()
        return replies

    def forget(self, names: set[str], *, renewals: dict[str, tuple] | None = None) -> None:
        """Deletes keys in one round trip; `renewals` are commands that delete or replace the key they are for. Those
        that could not be deleted are kept, and this process reads nothing from the cache until they are: another may
        read an old value until it expires."""
        renewals = renewals or {}
        try:
            self.ask(*([("DEL", *names)] if names else []), *renewals.values())
        except Unavailable:
            self._keep(names | renewals.keys())

    def is_hanging(self) -> bool:
        """Three have waited in vain, or wait for a word that nobody has heard for a while."""
        # Who has just waited in vain counts with those who still wait: the third one opens the breaker.
        waiting = len(self.under_way) + self.breaker.failures
        return self.breaker.failures >= MOST_WAITING or (waiting >= MOST_WAITING and self._is_silent())

    def recover(self) -> None:
        """Deletes what was lost and closes the breaker. Raises while the server does not answer."""
        while True:
            with self.breaker.lock:
                lost, self.lost = self.lost, set()
            try:
                # Who lost that many does not know all of them.
                everything = len(lost) > MOST_LOST
                self.exchange([("FLUSHDB",)] if everything else [("DEL", *lost)] if lost else [("PING",)])
            except Exception:
                with self.breaker.lock:
                    self.lost |= lost
                raise
            if self.breaker.close_unless(lambda: bool(self.lost)):
                return

    def exchange(self, commands: list[tuple] | tuple[tuple, ...]) -> list[Any]:
        """The replies, whatever the breaker says. Raises what redis-py raises."""
        connection = self._connection()
        was_connected = connection.is_connected
        try:
            return self._send(connection, commands)
        except (ConnectionError, OSError):
            # The server may have closed an idle connection, or has been restarted: every command here may come twice.
            connection.disconnect()
            if not was_connected:
                raise
            return self._send(connection, commands)

    def _send(self, connection, commands: list[tuple]) -> list[Any]:
        connection.send_packed_command(connection.pack_commands(commands))
        replies = []
        for _ in commands:
            try:
                replies.append(connection.read_response())
            except RedisError as error:
                if not connection.is_connected:
                    raise
                replies.append(error)
        errors = [reply for reply in replies if isinstance(reply, Exception)]
        self.replied_at = time.perf_counter()
        if errors:
            raise errors[0]
        return replies

    def _connection(self):
        if not hasattr(self.threads, "connection"):
            pool = get_redis_connection(self.alias).connection_pool
            self.threads.connection = pool.connection_class(**pool.connection_kwargs)
            self.address = tuple(pool.connection_kwargs.get(part) for part in ("host", "port", "path"))
        return self.threads.connection

    def _has_slot(self) -> bool:
        """Three wait for answers at a time, and when none comes nobody joins them: a server that hangs delays three
        calls of a process, however many threads it has. One that answers while the machine is busy does not hang."""
        while not self.is_hanging():
            if self.slots.acquire(timeout=self.silent_seconds):
                if not (self.breaker.is_open or self.is_hanging()):
                    return True
                self.slots.release()
                return False
        return False

    def _is_silent(self) -> bool:
        """Since somebody asked, nobody has had an answer."""
        since = self.unanswered_since
        return since > self.replied_at and time.perf_counter() - since > self.silent_seconds

    def _keep(self, names: set[str]) -> None:
        with self.breaker.lock:
            if len(self.lost) <= MOST_LOST:
                self.lost |= names
        LOST.inc(len(names))
        self.breaker.open("an invalidation was lost")

    def _count(self, seconds: float) -> None:
        self.threads.trips, self.threads.seconds = self.trips + 1, self.seconds + seconds
        trip(seconds)

    @property
    def trips(self) -> int:
        """Round trips of this thread so far."""
        return getattr(self.threads, "trips", 0)

    @property
    def seconds(self) -> float:
        """What this thread has spent on them."""
        return getattr(self.threads, "seconds", 0.0)
