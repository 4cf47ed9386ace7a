"""Finds the indexes of our tables that are invalid, redundant, unused or missing, and what a migration would do.

Scans are counted since the statistics were reset; a session hands in what it has counted at the latest after ten idle
seconds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.db.migrations.writer import MigrationWriter

from apps.core.models import LongIndex

BIG_TABLE = 1000


class Column(NamedTuple):
    """A column or expression of an index. Another operator class or collation serves other conditions."""

    text: str
    operators: int
    collation: int


@dataclass(frozen=True, slots=True)
class Index:
    """`orders` are PostgreSQL's bits of each column: 1 descending, 2 nulls first. `rule` is what the index enforces."""

    id: int
    table: str
    name: str
    method: str
    columns: tuple[Column, ...]
    orders: tuple[int, ...]
    includes: frozenset[str]
    predicate: str
    rule: str
    valid: bool
    scans: int
    bytes: int
    definition: str

    def does_all_of(self, other: "Index") -> bool:
        """A btree serves each of its prefixes too, and reads backwards. A partial index is compared only with those of
        the same condition: a full one is larger."""
        size = len(other.columns)
        flipped = tuple(order ^ 3 for order in other.orders)
        return (
            (self.id != other.id and self.valid)
            and (self.table, self.method, self.predicate) == (other.table, other.method, other.predicate)
            and (self.columns[:size] == other.columns and self.orders[:size] in (other.orders, flipped))
            and (self.method == "btree" or size == len(self.columns))
            and other.includes <= self.includes | {column.text for column in self.columns}
            and (not other.rule or (self.rule == other.rule and size == len(self.columns)))
        )

    def begins_with(self, columns: list[str]) -> bool:
        """In any order: all are given when a foreign key is looked up."""
        return sorted(column.text for column in self.columns[: len(columns)]) == sorted(columns)

    def finds_all(self, columns: list[str]) -> bool:
        """Whether it leads to all rows with given values of its first columns."""
        return self.valid and self.predicate in {"", *(f"({column} IS NOT NULL)" for column in columns)}


@dataclass(frozen=True, slots=True)
class Finding:
    """`operation` is what a migration would do about it; empty when nothing is to be done."""

    table: str
    name: str
    reason: str
    operation: str = ""
    scans: int | None = None
    bytes: int | None = None


def report(connection, tables: Iterable[str] | None = None) -> dict[str, list[Finding]]:
    """Findings by kind, of the tables of our own models unless others are named."""
    tables = sorted(our_models() if tables is None else tables)
    indexes = read_indexes(connection, tables)
    return {
        "invalid": [invalid(index) for index in indexes if not index.valid],
        "redundant": redundant(indexes),
        "unused": [unused(index) for index in indexes if index.valid and not index.scans],
        "foreign keys without index": unindexed_keys(connection, tables, indexes),
        "large tables with sequential scans": scanned_tables(connection, tables),
    }


def counted_since(connection) -> str | None:
    """When the counts began, if they were ever reset."""
    sql = "SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()"
    ((since,),) = fetch(connection, sql, [])
    return since and since.isoformat(timespec="seconds")


def our_models() -> dict[str, type[models.Model]]:
    """By table. The tables that belong to Django are its own business."""
    return {model._meta.db_table: model for model in apps.get_models() if model.__module__.startswith("apps.")}


def invalid(index: Index) -> Finding:
    """What a model declares is rebuilt; the rest is the leftover of an attempt."""
    reason = "a CONCURRENTLY that failed left it: it is kept up to date and never read"
    operation = run(f'REINDEX INDEX CONCURRENTLY "{index.name}"') if declared(index) else removal(index)
    return Finding(index.table, index.name, reason, operation, index.scans, index.bytes)


def redundant(indexes: list[Index]) -> list[Finding]:
    found = []
    for index in indexes:
        better = next((other for other in indexes if supersedes(other, index)), None)
        if better:
            does = "a prefix of" if len(index.columns) < len(better.columns) else "the same as"
            reason = f"{does} {better.name}: {better.definition}"
            found.append(Finding(index.table, index.name, reason, removal(index), index.scans, index.bytes))
    return found


def supersedes(index: Index, other: Index) -> bool:
    """Of two that do the same, the older one stays."""
    return index.does_all_of(other) and (index.id < other.id or not other.does_all_of(index))


def unused(index: Index) -> Finding:
    if index.rule:
        return Finding(index.table, index.name, f"enforces {index.rule}: exempt", "", 0, index.bytes)
    return Finding(index.table, index.name, "no scan", removal(index), 0, index.bytes)


def unindexed_keys(connection, tables: list[str], indexes: list[Index]) -> list[Finding]:
    """For information: contract 9.5 gives a foreign key an index only where a read needs one."""
    found = []
    for table, name, columns, target, scans in fetch(connection, FOREIGN_KEYS, [tables]):
        candidates = [index for index in indexes if index.table == table and index.begins_with(columns)]
        if not any(index.finds_all(columns) for index in candidates):
            partly = f"; in part by {', '.join(index.name for index in candidates)}" if candidates else ""
            reason = f"({', '.join(columns)}) to {target}{partly}; contract 9.5 has none: add it with a read of it"
            found.append(Finding(table, name, reason, addition(table, columns), scans))
    return found


def scanned_tables(connection, tables: list[str]) -> list[Finding]:
    found = []
    for table, rows, scans, read in fetch(connection, SEQUENTIAL_SCANS, [tables, BIG_TABLE]):
        reason = f"{rows:,} rows, {read / scans:,.0f} read by each scan: the plan of the statement names the columns"
        operation = f'AddIndexConcurrently("{model_name(table)}", models.Index(fields=[...], name="idx_{table}_...")),'
        found.append(Finding(table, "", reason, operation, scans))
    return found


def removal(index: Index) -> str:
    match declared(index):
        case models.Index():
            return f'RemoveIndexConcurrently("{model_name(index.table)}", "{index.name}"),'
        case models.BaseConstraint():
            return f'migrations.RemoveConstraint("{model_name(index.table)}", "{index.name}"),'
    return run(f'DROP INDEX CONCURRENTLY IF EXISTS "{index.name}"')


def addition(table: str, columns: list[str]) -> str:
    model = our_models().get(table)
    fields = {field.column: field.name for field in model._meta.concrete_fields} if model else {}
    names = [fields.get(column, column) for column in columns]
    name = f"idx_{table}_{'_'.join(names)}"
    kind = models.Index if len(name) <= models.Index.max_name_length else LongIndex
    index, _ = MigrationWriter.serialize(kind(fields=names, name=name))
    return f'AddIndexConcurrently("{model_name(table)}", {index}),'


def run(sql: str) -> str:
    return f"migrations.RunSQL('{sql}', migrations.RunSQL.noop),"


def model_name(table: str) -> str:
    model = our_models().get(table)
    return model._meta.model_name if model else table


def declared(index: Index) -> models.Index | models.BaseConstraint | None:
    """The index or constraint of a model with this name."""
    model = our_models().get(index.table)
    named = (*model._meta.indexes, *model._meta.constraints) if model else ()
    return next((one for one in named if one.name == index.name), None)


def read_indexes(connection, tables: list[str]) -> list[Index]:
    return [index_of(row) for row in fetch(connection, INDEXES, [tables])]


def index_of(row: tuple[Any, ...]) -> Index:
    id, table, name, method, size, texts, operators, collations, orders, *rest = row
    columns = tuple(map(Column, texts[:size], operators, collations))
    return Index(id, table, name, method, columns, tuple(orders), frozenset(texts[size:]), *rest)


def fetch(connection, sql: str, params: list[Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


INDEXES = """
SELECT i.indexrelid, t.relname, c.relname, a.amname, i.indnkeyatts,
    ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true) FROM generate_series(1, i.indnatts) k ORDER BY k),
    i.indclass::oid[], i.indcollation::oid[], i.indoption::int2[],
    coalesce(pg_get_expr(i.indpred, i.indrelid), ''),
    concat_ws(' ', CASE WHEN i.indisexclusion THEN 'exclusion' WHEN i.indisunique THEN 'uniqueness' END,
        CASE WHEN i.indnullsnotdistinct THEN 'of nulls' END, CASE WHEN NOT i.indimmediate THEN 'at commit' END),
    i.indisvalid AND i.indisready, coalesce(s.idx_scan, 0), pg_relation_size(i.indexrelid),
    pg_get_indexdef(i.indexrelid)
FROM pg_index i
JOIN pg_class t ON t.oid = i.indrelid AND t.relnamespace = current_schema::regnamespace
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_am a ON a.oid = c.relam
LEFT JOIN pg_stat_user_indexes s ON s.indexrelid = i.indexrelid
WHERE t.relname = ANY (%s)
ORDER BY t.relname, c.relname
"""
FOREIGN_KEYS = """
SELECT t.relname, f.conname,
    ARRAY(SELECT quote_ident(attname) FROM unnest(f.conkey) WITH ORDINALITY k (number, place)
        JOIN pg_attribute ON attrelid = f.conrelid AND attnum = k.number ORDER BY place),
    f.confrelid::regclass::text, coalesce(s.seq_scan, 0)
FROM pg_constraint f
JOIN pg_class t ON t.oid = f.conrelid AND t.relnamespace = current_schema::regnamespace
LEFT JOIN pg_stat_user_tables s ON s.relid = f.conrelid
WHERE f.contype = 'f' AND t.relname = ANY (%s)
ORDER BY t.relname, f.conname
"""
SEQUENTIAL_SCANS = """
SELECT relname, n_live_tup, seq_scan, seq_tup_read
FROM pg_stat_user_tables
WHERE schemaname = current_schema AND relname = ANY (%s) AND n_live_tup > %s AND seq_tup_read > 0
ORDER BY seq_tup_read DESC
"""
