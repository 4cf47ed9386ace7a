"""The result of a run in the terminal."""

from collections import Counter

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from locustfiles import rows
from locustfiles.checks import GATE, MET, MISSED, TARGET, UNCLEAR
from locustfiles.objectives import Objectives
from locustfiles.record import Record
from locustfiles.verdict import PASSED, Verdict

WIDTH = 150  # in a file or a pipe
MARKS = {
    **{MET: ("met", "green"), MISSED: ("MISSED", "bold red"), UNCLEAR: ("unclear", "yellow")},
    **{rows.TOO_FEW: (rows.TOO_FEW, "dim"), "": ("", "dim")},
}
SHOWN_ERRORS, SHOWN_REASONS = 10, 20


def show(record: Record, objectives: Objectives, verdict: Verdict) -> None:
    console = Console(width=None if Console().is_terminal else WIDTH, highlight=False)
    console.print(table(rows.of(record, objectives, verdict), title=f"{objectives.profile}: {verdict.word}"))
    for (route, problem), count in errors(record).most_common(SHOWN_ERRORS):
        console.print(f"  {count} x {route}: {problem}", markup=False, style="red")
    console.print(summary(record, verdict))


def table(found: list[rows.Row], *, title: str = "") -> Table:
    made = Table(title=title, title_justify="left", header_style="bold")
    made.add_column("route", no_wrap=True, overflow="ellipsis")
    columns = ("requests", "req/s", "failed", "p50 ms", "p95 ms", "p99 ms", "max", "SQL", "gate", "target")
    for column in columns:
        made.add_column(column, justify="right", no_wrap=True, min_width=7 if column in (GATE, TARGET) else 5)
    for row in found:
        made.add_row(row.route, *cells(row), style="dim" if row.is_setup else "")
    return made


def cells(row: rows.Row) -> list[Text]:
    times = [Text("" if value is None else f"{value:,}") for value in (row.p50, row.p95, row.p99, row.slowest)]
    return [
        Text(f"{row.requests:,}"),
        Text(f"{row.rate:.1f}" if row.requests else ""),
        Text(f"{row.failures:,}" if row.failures else "", style="bold red"),
        *times,
        Text("" if row.sql is None else f"{row.sql:.2f}"),
        *(Text(*MARKS[state]) for state in (row.gate, row.target)),
    ]


def errors(record: Record) -> Counter[tuple[str, str]]:
    return Counter((sample.route, sample.problem) for sample in record.samples if sample.problem)


def summary(record: Record, verdict: Verdict) -> Panel:
    said = [
        f"{value:g} {what}" if isinstance(value, float | int) else f"{value} {what}"
        for what, value in rows.headline(record).items()
        if value is not None
    ]
    style = "green" if verdict.code == PASSED else "red"
    lines = [Text(" · ".join(said)), Text(counts(verdict), style="dim"), Text(verdict.word, style=f"bold {style}")]
    lines += [Text(f"  {reason}") for reason in verdict.reasons[:SHOWN_REASONS]]
    return Panel(Group(*lines, Text(f"{record.folder}/report.html", style="dim", overflow="fold")), border_style=style)


def counts(verdict: Verdict) -> str:
    """How many objectives of each level were met."""
    told = []
    for level, words in ((GATE, "objectives of the gate"), (TARGET, "targets of our own")):
        states = Counter(check.state for check in verdict.of(level))
        worse = ", ".join(f"{states[word]} {word}" for word in (MISSED, UNCLEAR) if states[word])
        told.append(f"{states[MET]} of {states.total()} {words} met" + (f" ({worse})" if worse else ""))
    return "; ".join(told)
