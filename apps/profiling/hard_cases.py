"""docs/hard-cases.md: each hard case with the tests that carry its number in their names (`..._hc12`).

Its first two columns are written by hand, and so is the reason where a case has no test yet; the tests are found.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

DOCUMENT = settings.BASE_DIR / "docs" / "hard-cases.md"
PLACES = ("apps", "darezone", "locustfiles")
NUMBER = re.compile(r"_hc(\d+)(?=_|$)")
ROW = re.compile(r"^\| (\d+) \| (.*?) \| (.*) \|$", re.MULTILINE)
NOT_YET = "not yet: "


class Case(NamedTuple):
    number: int
    title: str
    tests: str

    @property
    def is_open(self) -> bool:
        return self.tests.startswith(NOT_YET)


def written() -> str:
    """The document as it should be."""
    found = tests()
    return ROW.sub(lambda row: line(row, found), DOCUMENT.read_text(encoding="utf-8"))


def cases() -> list[Case]:
    rows = ROW.findall(DOCUMENT.read_text(encoding="utf-8"))
    return [Case(int(number), title, tests) for number, title, tests in rows]


def line(row: re.Match, found: dict[int, list[str]]) -> str:
    number, title, stands = row.groups()
    here = "<br>".join(f"`{test}`" for test in found.get(int(number), []))
    return f"| {number} | {title} | {here or stands} |"


@cache
def tests() -> dict[int, list[str]]:
    """By number the tests, in the order of their files."""
    found = defaultdict(list)
    for path in sorted(path for place in PLACES for path in (settings.BASE_DIR / place).rglob("test_*.py")):
        for name in names(path):
            for number in {int(number) for number in NUMBER.findall(name)}:
                found[number].append(f"{path.relative_to(settings.BASE_DIR)}::{name}")
    return found


def names(path: Path) -> Iterator[str]:
    """`TestClass::test_method` and `test_function` of a file."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}::{part.name}" for part in node.body if is_test(part))
        elif is_test(node):
            yield node.name


def is_test(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
