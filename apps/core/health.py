"""Is the service able to work? Each check takes at most one second and tells no address and no error text."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import connection

from apps.core import cache

logger = logging.getLogger("darezone.health")
# A thread of its own bounds the wait when a server hangs; four of them bound the damage.
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="health")
TIMEOUT_SECONDS = 1.0


def database() -> float | None:
    """Milliseconds of one round trip, or None when the database is away."""
    return _timed("database", _ask_database)


def cache_server() -> float | None:
    return _timed("cache", cache.ping)


def cache_word() -> str:
    if not settings.CACHE_ENABLED:
        return "disabled"
    return "error" if cache_server() is None else "ok"


def _ask_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


def _timed(name: str, check: Callable[[], None]) -> float | None:
    started = time.perf_counter()
    try:
        _threads.submit(check).result(timeout=TIMEOUT_SECONDS)
    except Exception:
        logger.warning("%s does not answer", name, exc_info=True)
        return None
    return round((time.perf_counter() - started) * 1000, 2)
