"""Is the service able to work? Each check takes at most one second and tells no address and no error text."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from apps.core.cache import ping

logger = logging.getLogger("darezone.health")
# A thread of its own bounds the wait when a server hangs; four of them bound the damage.
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="health")
TIMEOUT_SECONDS = 1.0


class Database(NamedTuple):
    """Milliseconds of one round trip, or None when it is away; then nothing else is known about it."""

    latency_ms: float | None
    missing_migrations: tuple[str, ...] = ()
    invalid_indexes: tuple[str, ...] = ()

    @property
    def is_usable(self) -> bool:
        """An invalid index makes it slow, and no answer wrong: no reason to take every server out of service."""
        return self.latency_ms is not None and not self.missing_migrations

    @property
    def is_well(self) -> bool:
        return self.is_usable and not self.invalid_indexes


def database() -> Database:
    found: list[tuple[list[str], list[str]]] = []
    latency = _timed("database", lambda: found.append(_ask_database()))
    if latency is None:
        return Database(None)
    missing, invalid = map(tuple, found[0])
    if missing or invalid:
        logger.warning("missing migrations: %s; invalid indexes: %s", list(missing), list(invalid))
    return Database(latency, missing, invalid)


def cache_server() -> float | None:
    return _timed("cache", ping)


def cache_word() -> str:
    if not settings.CACHE_ENABLED:
        return "disabled"
    return "error" if cache_server() is None else "ok"


def _ask_database() -> tuple[list[str], list[str]]:
    try:
        with connection.cursor() as cursor:
            cursor.execute(STATE, [migrations()])
            return cursor.fetchone()
    finally:
        connection.close()


@cache
def migrations() -> list[str]:
    """Those that the code has been written for. The database may have had others."""
    return [".".join(name) for name in MigrationLoader(None).graph.nodes]


def _timed(name: str, check: Callable[[], Any]) -> float | None:
    started = time.perf_counter()
    try:
        _threads.submit(copy_context().run, check).result(timeout=TIMEOUT_SECONDS)
    except Exception:
        logger.warning("%s does not answer", name, exc_info=True)
        return None
    return round((time.perf_counter() - started) * 1000, 2)


# An index that CONCURRENTLY is still building is invalid and no fault.
STATE = """
SELECT ARRAY(
    SELECT wanted FROM unnest(%s::text[]) wanted
    WHERE NOT EXISTS (SELECT FROM django_migrations WHERE app || '.' || name = wanted)
), ARRAY(
    SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE NOT i.indisvalid AND c.relnamespace = current_schema::regnamespace AND c.relkind = 'i'
        AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index WHERE index_relid = i.indexrelid)
)
"""
