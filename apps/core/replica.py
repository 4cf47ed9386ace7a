"""Reads that a streaming replica may answer. None is older than a write that was answered before it, whoever wrote.

A GET opts in with `@replica.may_answer`. It asks the primary how far it has written, then the replica whether it has
replayed that; both questions touch no table. Behind, away or promoted, the replica is passed over and the primary
answers. What the cache stores must not opt in: its tokens may be younger than the position that was asked for.
docs/replicas.md tells the rest.
"""

import functools
import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, connections
from django.http import HttpResponse
from prometheus_client import Counter

ALIAS = "replica"
PAUSE_SECONDS = 2.0
FAILURES = (OperationalError, InterfaceError, psycopg.Error)
# A commit is answered once it is flushed, and without synchronous_commit even before.
WRITTEN = """
SELECT CASE current_setting('synchronous_commit')
    WHEN 'off' THEN pg_current_wal_insert_lsn() ELSE pg_current_wal_flush_lsn() END::text
"""
HAS_REPLAYED = "SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= %s::pg_lsn"

logger = logging.getLogger("darezone.replica")
# replica: it answered. behind: it has not replayed everything, the primary answered. away: it cannot be asked.
READS = Counter("darezone_replica_reads", "Reads that a replica may answer, by what came of it", ["outcome"])
_chosen: ContextVar[str] = ContextVar("database of reads", default=DEFAULT_DB_ALIAS)
_asked_again_at = 0.0


def may_answer(get: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Of a view's `get` whose reads are compiled and not cached. Without a replica it stays what it is."""
    get.may_ask_replica = True
    return on_replica(get) if ALIAS in settings.DATABASES else get


def on_replica(get: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answers from the replica if it has everything, and otherwise, or when it fails meanwhile, from the primary."""

    @functools.wraps(get)
    def run(*args: Any, **kwargs: Any) -> HttpResponse:
        outcome = where_to_read()
        try:
            if outcome == ALIAS:
                return _from_replica(get, *args, **kwargs)
        except FAILURES as error:
            outcome = _left_alone(error)
        finally:
            READS.labels(outcome).inc()
        return get(*args, **kwargs)

    return run


def alias() -> str:
    """The database of a compiled read that names none. What a transaction reads, it reads where it writes."""
    chosen = _chosen.get()
    return DEFAULT_DB_ALIAS if chosen == ALIAS and connection.in_atomic_block else chosen


def where_to_read() -> str:
    """An outcome of READS. Raises what the primary raises."""
    if connection.in_atomic_block:
        return "behind"
    if time.monotonic() < _asked_again_at:
        return "away"
    written = _value(DEFAULT_DB_ALIAS, WRITTEN)
    try:
        return ALIAS if _value(ALIAS, HAS_REPLAYED, written) else "behind"
    except FAILURES as error:
        return _left_alone(error)


def _from_replica(get: Callable[..., HttpResponse], *args: Any, **kwargs: Any) -> HttpResponse:
    token = _chosen.set(ALIAS)
    try:
        return get(*args, **kwargs)
    finally:
        _chosen.reset(token)


def _left_alone(error: Exception) -> str:
    """For a while nobody of this process waits for it."""
    global _asked_again_at
    _asked_again_at = time.monotonic() + PAUSE_SECONDS
    connections[ALIAS].close()
    logger.warning("The replica is left alone for %s s: %r", PAUSE_SECONDS, error)
    return "away"


def _value(using: str, sql: str, *values: Any) -> Any:
    return connections[using].rows(sql, values, prepared=True)[0][0]
