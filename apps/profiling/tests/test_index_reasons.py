"""The reasons of indexes: each stands beside its definition."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def unexplained(source: str) -> list[int]:
    """Lines of indexes in `indexes = [...]` of a model's Meta that have no comment on the line above."""
    lines = source.splitlines()
    metas = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef) and node.name == "Meta"]
    lists = [
        statement.value.elts
        for meta in metas
        for statement in meta.body
        if isinstance(statement, ast.Assign) and statement.targets[0].id == "indexes"
    ]
    declared = [index.lineno for elements in lists for index in elements]
    return [number for number in declared if not lines[number - 2].strip().startswith("# ")]


class TestReasons:
    @pytest.mark.parametrize("path", sorted(ROOT.glob("apps/*/models.py")), ids=lambda path: path.parent.name)
    def test_each_index_says_what_it_serves(self, path):
        assert unexplained(path.read_text(encoding="utf-8")) == []

    def test_it_sees_one_that_does_not(self):
        source = "class A:\n class Meta:\n  indexes = [\n   # Why.\n   Index('a'),\n   Index(\n'b'),\n  ]\n"
        assert unexplained(source) == [6]
