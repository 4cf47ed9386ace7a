"""The database connections of this process for /metrics: looked at every second, because another process answers."""

import os
import threading

from django.db import connections
from prometheus_client import Counter, Gauge

EVERY_SECONDS = 1.0
LABELS = ["database"]

WORKERS = Gauge("darezone_workers", "Processes that answer requests", multiprocess_mode="livesum")
GAUGES = {
    name: Gauge(f"darezone_db_pool_{name}", text, LABELS, multiprocess_mode="livesum")
    for name, text in {
        "limit": "Connections the pools may have",
        "size": "Connections the pools have",
        "used": "Connections lent to threads",
        "waiting": "Threads that wait for a connection",
    }.items()
}
COUNTERS = {
    "requests_queued": Counter("darezone_db_pool_waits", "Waits for a connection, a quarter second each", LABELS),
    "requests_wait_ms": Counter("darezone_db_pool_wait_seconds", "Time waited for a connection", LABELS),
    "connections_num": Counter("darezone_db_pool_attempts", "Connections opened, or tried to", LABELS),
    "connections_errors": Counter("darezone_db_pool_failed_attempts", "Connections that could not be had", LABELS),
}
_lock = threading.Lock()
_seen: dict[tuple[int, str], float] = {}
_watcher: threading.Thread | None = None


def watch() -> None:
    """Called when the application is loaded. A process alone is looked at when somebody asks."""
    global _watcher
    WORKERS.set(1)
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ and _watcher is None:
        _watcher = threading.Thread(target=_look_again_and_again, name="pool-numbers", daemon=True)
        _watcher.start()


def look() -> None:
    for alias in connections:
        pool = getattr(connections[alias], "_connection_pools", {}).get(alias)
        if pool:
            note(alias, pool.get_stats(), id(pool))


def note(alias: str, stats: dict[str, int], pool: int) -> None:
    size = stats.get("pool_size", 0)
    numbers = {
        "limit": stats.get("pool_max", 0),
        "size": size,
        "used": size - stats.get("pool_available", 0),
        "waiting": stats.get("requests_waiting", 0),
    }
    for name, number in numbers.items():
        GAUGES[name].labels(alias).set(number)
    with _lock:
        for name, counter in COUNTERS.items():
            number = stats.get(name, 0) / (1000 if name.endswith("_ms") else 1)
            counter.labels(alias).inc(number - _seen.get((pool, name), 0))
            _seen[pool, name] = number


def _look_again_and_again() -> None:
    pause = threading.Event()
    while not pause.wait(EVERY_SECONDS):
        look()
