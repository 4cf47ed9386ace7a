"""What is written into a statement instead of being one of its parameters."""

import re

from psycopg.sql import quote

PLACEHOLDER = re.compile(r"(%%|%s)")


def with_literals(sql: str, params: list) -> tuple[str, list]:
    """Constants become part of the statement: a plan made for all values then still knows them, and can use an index
    that exists for one status only."""
    parts, left, kept = PLACEHOLDER.split(sql), iter(params), []
    for position, part in enumerate(parts):
        if part == "%s":
            param = next(left)
            if isinstance(param, str | int):
                parts[position] = literal(param)
            else:
                kept.append(param)
    return "".join(parts), kept


def literal(value: str | int) -> str:
    plain = value if isinstance(value, bool) else str(value) if isinstance(value, str) else int(value)
    return quote(plain).replace("%", "%%")


def sliced(limit: int | None, offset: int) -> str:
    """LIMIT and OFFSET as literals."""
    text = f" LIMIT {int(limit)}" if limit is not None else ""
    return f"{text} OFFSET {int(offset)}" if offset else text
