"""Everything that the database holds, to see that nothing has changed, or only what should."""

import json
import re
from typing import Any

from django.apps import apps
from django.db import connection

# Of each new row another: random, made from something random, or a time taken.
RANDOM = {"refresh_hash", "previous_refresh_hash", "password", "invite_code", "duration_ms"}
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Rows = dict[str, list[dict[str, Any]]]


def everything() -> Rows:
    """Every row of every table of ours, by table."""
    models = [model for model in apps.get_models() if model.__module__.startswith("apps.")]
    return {table: rows_of(table) for table in sorted(model._meta.db_table for model in models)}


def rows_of(table: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT to_jsonb(found) FROM {table} found ORDER BY to_jsonb(found)::text")  # noqa: S608
        return [json.loads(row) for (row,) in cursor.fetchall()]


def comparable(after: Rows, before: Rows) -> list[str]:
    """What was written since, without what is random in it: equal for two writes that do the same."""
    known = set(UUID.findall(str(before)))
    return sorted(
        f"{table} {sorted(masked(row, known).items())}"
        for table, rows in after.items()
        for row in rows
        if row not in before[table]
    )


def masked(row: dict[str, Any], known: set[str]) -> dict[str, str]:
    def mask(text: str) -> str:
        return UUID.sub(lambda found: found[0] if found[0] in known else "new", text)

    return {name: "random" if name in RANDOM and value else mask(str(value)) for name, value in row.items()}
