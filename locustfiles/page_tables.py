"""Tables of the HTML report."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

STATES = ("met", "missed", "unclear")


def table(names: Sequence[str], rows: Iterable[Sequence[Any]], *, styles: Sequence[str] = ()) -> str:
    """Columns of numbers are set to the right."""
    found = [["" if value is None else value for value in row] for row in rows]
    right = [is_of_numbers([row[place] for row in found]) for place in range(len(names))]
    heads = "".join(cell("th", name, number) for name, number in zip(names, right, strict=True))
    lines = [
        f'<tr class="{style}">{"".join(cell("td", *one) for one in zip(row, right, strict=True))}</tr>'
        for row, style in zip(found, styles or [""] * len(found), strict=True)
    ]
    return f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'


def cell(tag: str, value: Any, is_number: bool) -> str:
    style = "number" if is_number else value if value in STATES else ""
    return f'<{tag} class="{style}">{escape(str(value))}</{tag}>'


def is_of_numbers(column: Sequence[Any]) -> bool:
    told = [value for value in column if value != ""]
    return bool(told) and all(str(value).replace(",", "").replace(".", "", 1).lstrip("-").isdigit() for value in told)
