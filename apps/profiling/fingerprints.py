"""Statements by their fingerprint. Most are made again and again with the same text, which is looked at once."""

import re
from typing import Any, NamedTuple

from apps.core.slow_statements import fingerprint, short

MOST_KNOWN = 5000
MOST_CHARACTERS = 4000
LONGEST_PLANNABLE = 20_000
CONTROL = re.compile(
    r"\s*((SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT|START TRANSACTION|SET)\b|SELECT oid, typarray FROM pg_type)",
    re.IGNORECASE,
)
PARTS = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|%%|%\(\w+\)s|%s""")
# Names of choices and the like, which plans depend on: a partial index is one for a status. Everything else is a value.
WORD = re.compile(r"'[a-z_]{1,30}'")


class Known(NamedTuple):
    fingerprint: str
    text: str
    plannable: str
    is_control: bool
    """Transactions, which the contract does not count, and what Django asks on a new connection."""


_known: dict[Any, Known] = {}


def of(sql: Any) -> Known:
    found = _known.get(sql)
    if found is None:
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        found = _known[sql] = look_at(sql)
    return found


def look_at(sql: Any) -> Known:
    text = fingerprint(sql)
    is_text = isinstance(sql, str)  # what is composed has its values inside
    plannable = with_numbers(sql) if is_text and len(sql) <= LONGEST_PLANNABLE else ""
    return Known(short(text), text[:MOST_CHARACTERS], plannable, bool(CONTROL.match(text)))


def with_numbers(sql: str) -> str:
    """PostgreSQL's own placeholders: $1, $2, ... for values, which are not part of it; empty for what is no read."""
    if not sql.lstrip("( \n\t").upper().startswith("SELECT"):
        return ""
    numbers = iter(range(1, len(sql)))

    def replaced(part: re.Match) -> str:
        match part[0][0], part[0]:
            case ('"', _):
                return part[0]
            case (_, "%%"):
                return "%"
            case ("'", literal) if WORD.fullmatch(literal):
                return literal
        return f"${next(numbers)}"

    return PARTS.sub(replaced, sql).strip()
