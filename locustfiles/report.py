"""The result of a load run for people (a table) and for machines (JSON)."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from locustfiles.samples import Samples
from locustfiles.verdict import PASSED, Objectives, Verdict

PERCENTILES = (50, 95, 99)
SHOWN_ERRORS = 10


def show(objectives: Objectives, samples: Samples, verdict: Verdict, facts: dict[str, Any]) -> None:
    console = Console(width=None if Console().is_terminal else 110, highlight=False)
    console.print(as_table(objectives, samples))
    for (name, reason), count in samples.errors.most_common(SHOWN_ERRORS):
        console.print(f"  {count} x {name}: {reason}", markup=False)
    console.print(", ".join(f"{key.replace('_', ' ')} {value}" for key, value in facts.items()), markup=False)
    style = "bold green" if verdict.code == PASSED else "bold red"
    console.print(verdict.word, style=style)
    for reason in verdict.reasons:
        console.print(f"  {reason}", markup=False)


def as_table(objectives: Objectives, samples: Samples) -> Table:
    table = Table("endpoint")
    for column in ("requests", "failures", *(f"p{percent} ms" for percent in PERCENTILES), "objective"):
        table.add_column(column, justify="right")
    for row in rows(objectives, samples):
        table.add_row(*("" if value is None else str(value) for value in row.values()), style=style_of(row))
    return table


def style_of(row: dict[str, Any]) -> str:
    slow = row["p95_objective"] is not None and row["p95"] is not None and row["p95"] > row["p95_objective"]
    if slow or row["failures"]:
        return "red"
    return "dim" if row["p95_objective"] is None else ""


def rows(objectives: Objectives, samples: Samples) -> list[dict[str, Any]]:
    """Those with an objective in its file's order, then the others by name."""
    others = sorted((samples.timings.keys() | samples.failures.keys()) - objectives.endpoints.keys())
    return [row_of(name, objectives, samples) for name in (*objectives.endpoints, *others)]


def row_of(name: str, objectives: Objectives, samples: Samples) -> dict[str, Any]:
    timings, objective = samples.timings[name], objectives.endpoints.get(name)
    return {
        "name": name,
        "requests": len(timings),
        "failures": samples.failures[name],
        **{f"p{percent}": timings.percentile(percent) for percent in PERCENTILES},
        "p95_objective": objective.p95_ms if objective else None,
    }


def write(path: Path, objectives: Objectives, samples: Samples, verdict: Verdict, facts: dict[str, Any]) -> None:
    errors = [
        {"name": name, "reason": reason, "count": count} for (name, reason), count in samples.errors.most_common()
    ]
    result = {"verdict": verdict.word.lower(), "exit_code": verdict.code, "reasons": verdict.reasons} | facts
    result |= {"endpoints": rows(objectives, samples), "errors": errors}
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
