"""What PostgreSQL and this process's own counters say, for the performance page."""

from typing import Any

from django.db import connection
from prometheus_client.core import Metric

from apps.core.metrics import registry
from apps.profiling.reports import shortened

MOST = 20
FACTS = """
SELECT to_regclass('pg_stat_statements') IS NOT NULL AS has_extension,
    current_setting('pg_stat_statements.max', true) IS NOT NULL AS is_loaded,
    current_setting('server_version') AS version,
    current_setting('max_connections')::int AS max_connections,
    (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS connections,
    (SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()) AS counted_since
"""
# Of other statements the text is as it was sent, and a CREATE ROLE has a password in it.
TOP = """
SELECT queryid::text, calls, total_exec_time AS ms, mean_exec_time AS mean_ms, rows::float / calls AS rows_each,
    100.0 * shared_blks_hit / nullif(shared_blks_hit + shared_blks_read, 0) AS hit_percent,
    regexp_replace(left(query, 2000), '\\s+', ' ', 'g') AS text
FROM pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND query ~* '^[\\s(]*(select|insert|update|delete|with|merge)\\M' AND queryid IS NOT NULL
ORDER BY total_exec_time DESC LIMIT %s
"""
EXTENSION, LIBRARY = (
    "PostgreSQL has loaded pg_stat_statements; CREATE EXTENSION pg_stat_statements shows here what it has counted.",
    "PostgreSQL does not count statements: shared_preload_libraries lacks pg_stat_statements. "
    "What the application has measured is on the other page.",
)


def facts() -> dict[str, Any]:
    return rows(FACTS)[0]


def top_statements(known: dict[str, Any]) -> tuple[list[dict[str, Any]], str]:
    """Those that took PostgreSQL the most time, or none and the reason."""
    if not known["is_loaded"]:
        return [], LIBRARY
    if not known["has_extension"]:
        return [], EXTENSION
    return [row | {"shown": shortened(row["text"])} for row in rows(TOP, [MOST])], ""


def rows(sql: str, params: list[Any] | None = None) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def metrics() -> dict[str, Metric]:
    """By name: what /metrics would say, of all processes of this server."""
    return {metric.name: metric for metric in registry().collect()}


def cache_kinds(found: dict[str, Metric]) -> list[dict[str, Any]]:
    """Hits and misses of each kind of entry since the server's start."""
    hits, misses = (by_label(found, f"darezone_cache_{name}", "kind") for name in ("hits", "misses"))
    fills, expired = (by_label(found, f"darezone_cache_{name}", "kind") for name in ("fills", "invalidations"))
    kinds = sorted(hits.keys() | misses.keys())
    return [
        {
            "kind": kind,
            "hits": hits.get(kind, 0),
            "misses": misses.get(kind, 0),
            "fills": fills.get(kind, 0),
            "invalidations": expired.get(kind, 0),
            "percent": 100 * hits.get(kind, 0) / ((hits.get(kind, 0) + misses.get(kind, 0)) or 1),
        }
        for kind in kinds
    ]


def pools(found: dict[str, Metric]) -> list[dict[str, Any]]:
    names = ("limit", "size", "used", "waiting", "waits", "wait_seconds", "failed_attempts")
    numbers = {name: by_label(found, f"darezone_db_pool_{name}", "database") for name in names}
    return [
        {"database": alias, **{name: numbers[name].get(alias, 0) for name in names}}
        for alias in sorted(numbers["limit"])
    ]


def by_label(found: dict[str, Metric], name: str, label: str) -> dict[str, float]:
    samples = found[name].samples if name in found else []
    return {
        sample.labels[label]: sample.value
        for sample in samples
        if label in sample.labels and not sample.name.endswith("_created")
    }


def dropped(found: dict[str, Metric]) -> float:
    metric = found.get("darezone_recorder_dropped")
    return sum(sample.value for sample in metric.samples if sample.name.endswith("_total")) if metric else 0.0
