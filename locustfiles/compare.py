"""Two runs of one profile, or two sides of several runs each: what became slower, and what only looks so.

python -m locustfiles.compare FOLDER FOLDER [--json FILE]

A difference is called one when its bootstrap interval leaves 0 out, at 95 % for all rows of the table together, and
when each run of one side is beyond each run of the other. On a machine whose speed changes from run to run, chance puts
equal sides apart in one of 3 comparisons of two runs with two, and in one of 35 of four with four; half of these times
it seems slower.

exit codes: 0 nothing is slower; 1 something is; 2 the runs cannot be compared, or one of them was disturbed and seems
slower.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from locustfiles import counters, intervals, objectives, record, rows
from locustfiles.objectives import Objectives, plain
from locustfiles.record import SETUP, Record
from locustfiles.samples import by_route

SAME, SLOWER, FASTER = "same", "slower", "faster"
NOT_SLOWER, IS_SLOWER, INCOMPARABLE = 0, 1, 2
PERCENTS = (50, 95)
FEWEST = 20
CONFIDENCE = 0.95
SMALLEST_MS = 0.5  # nobody feels less, and two generators differ by as much
SMALLEST_COST = 0.05
STYLES = {SAME: "dim", SLOWER: "bold red", FASTER: "green"}
WIDTH = 140  # in a file or a pipe


class Change(NamedTuple):
    """In ms. `low` and `high` bound the difference. `gap` is that of the nearest two runs of both sides: it has the
    sign of the difference, or is 0 where runs of one side are on both sides of a run of the other."""

    route: str
    percent: int
    requests: tuple[int, int]
    first: float
    second: float
    low: float
    high: float
    gap: float

    @property
    def difference(self) -> float:
        return self.second - self.first

    @property
    def word(self) -> str:
        if self.low <= 0 <= self.high or not self.gap or abs(self.difference) <= SMALLEST_MS:
            return SAME
        return SLOWER if self.difference > 0 else FASTER


Times = list[tuple[float, float]]  # start and ms of each request


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m locustfiles.compare", description="Which of two runs is slower?")
    parser.add_argument("folders", nargs=2, type=Path, metavar="FOLDER")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result")
    options = parser.parse_args(arguments)
    try:
        first, second = (record.read(folder) for folder in options.folders)
    except OSError as error:
        print(f"no run there: {error}", file=sys.stderr)
        return INCOMPARABLE
    return told([first], [second], names=[folder.name for folder in options.folders], file=options.json)


def told(first: list[Record], second: list[Record], *, names: Sequence[str], file: Path | None = None) -> int:
    """Prints the comparison and answers its exit code."""
    profiles = {run.facts["profile"] for run in (*first, *second)}
    changes = compared(first, second) if len(profiles) == 1 else []
    console = Console(width=None if Console().is_terminal else WIDTH, highlight=False)
    if not changes:
        console.print(f"nothing to compare: {', '.join(sorted(profiles))}", style="bold red")
        return INCOMPARABLE
    console.print(table(changes, names))
    console.print(costs(first, second, names))
    doubts = [*noise([*first, *second]), *otherwise([*first, *second])]
    for doubt in doubts:
        console.print(doubt, style="yellow", markup=False)
    slower = [change for change in changes if change.word == SLOWER]
    console.print(f"{len(slower)} of {len(changes)} are slower", style="bold red" if slower else "bold green")
    if file:
        file.write_text(json.dumps([change._asdict() | {"word": change.word} for change in changes], indent=2) + "\n")
    if slower and doubts and len(first) == len(second) == 1:  # runs in turn know how far the noise goes
        return INCOMPARABLE
    return IS_SLOWER if slower else NOT_SLOWER


def differ(first: list[Record], second: list[Record]) -> bool:
    return any(change.word != SAME for change in compared(first, second))


def compared(first: list[Record], second: list[Record]) -> list[Change]:
    wanted = objectives.read(first[0].facts["profile"])
    one, other = ([times(run, wanted) for run in side] for side in (first, second))
    common = [route for route in pooled(one) if enough(one, route) and enough(other, route)]
    alone = (1 - CONFIDENCE) / max(len(common) * len(PERCENTS), 1)  # so that all of them together keep CONFIDENCE
    return [
        change(route, percent, *([run.get(route, []) for run in side] for side in (one, other)), 1 - alone)
        for route in common
        for percent in PERCENTS
    ]


def times(run: Record, wanted: Objectives) -> dict[str, Times]:
    return {
        name: [(one.start, one.ms) for one in rows.times_of(name, samples, run, wanted)]
        for name, samples in sorted(by_route(run.samples).items())
        if not name.startswith(SETUP)
    }


def pooled(side: list[dict[str, Times]]) -> list[str]:
    return list(dict.fromkeys(route for run in side for route in run))


def enough(side: list[dict[str, Times]], route: str) -> bool:
    return sum(len(run.get(route, [])) for run in side) >= FEWEST


def change(route: str, percent: int, one: list[Times], other: list[Times], confidence: float) -> Change:
    blocks = [[block for run in side for block in intervals.blocks(run)] for side in (one, other)]
    values = [value([pair for run in side for pair in run], percent) for side in (one, other)]
    low, high = intervals.of_difference(*blocks, percent, confidence=confidence)
    gap = between(*([value(run, percent) for run in side if run] for side in (one, other)))
    return Change(route, percent, (sum(map(len, one)), sum(map(len, other))), *values, low, high, gap)


def value(found: Times, percent: int) -> float:
    return round(intervals.percentile(sorted(ms for _, ms in found), percent), 3)


def between(one: list[float], other: list[float]) -> float:
    return max(min(other) - max(one), 0.0) or min(max(other) - min(one), 0.0)


def table(changes: list[Change], names: Sequence[str]) -> Table:
    made = Table(title=f"{names[0]} > {names[1]}", title_justify="left", header_style="bold")
    made.add_column("route", no_wrap=True, overflow="ellipsis")
    for column in ("", "requests", "first", "second", "difference ms", "interval", "nearest runs", ""):
        made.add_column(column, justify="right", no_wrap=True)
    for one in changes:
        made.add_row(
            one.route if one.percent == PERCENTS[0] else "",
            f"p{one.percent}",
            f"{one.requests[0]:,} {one.requests[1]:,}",
            *(f"{ms:.1f}" for ms in (one.first, one.second)),
            f"{one.difference:+.1f}",
            f"{one.low:+.1f} to {one.high:+.1f}",
            f"{one.gap:+.1f}" if one.gap else "",
            Text(one.word, style=STYLES[one.word]),
        )
    return made


def costs(first: list[Record], second: list[Record], names: Sequence[str]) -> Table:
    """Statements are counted, not timed: no noise, but another mix of calls. Routes that cost the same are left out."""
    made = Table(header_style="bold")
    made.add_column("SQL statements a request, where they differ", no_wrap=True)
    for name in ("first", "second"):
        made.add_column(name, justify="right")
    one, other = (statements(side) for side in (first, second))
    for route in sorted(name for name in one.keys() & other.keys() if abs(one[name] - other[name]) > SMALLEST_COST):
        made.add_row(route, f"{one[route]:.2f}", f"{other[route]:.2f}")
    made.add_row("ms of server CPU a request", *(cpu(side) for side in (first, second)), style="bold")
    return made


def statements(side: list[Record]) -> dict[str, float]:
    found = [counters.sql(counters.between(run.facts.get("counters") or {})) for run in side]
    names = {plain(name) for run in found for name in run}
    return {
        name: sum(run[name].statements for run in found if name in run)
        / sum(run[name].requests for run in found if name in run)
        for name in names
    }


def cpu(side: list[Record]) -> str:
    found = [rows.headline(run)["ms of server CPU a request"] for run in side]
    return "?" if None in found else f"{sum(found) / len(found):.2f}"


def noise(runs: list[Record]) -> list[str]:
    shares = {run.folder.name: (run.facts.get("cpu") or {}).get("foreign_share") for run in runs}
    most = objectives.read("").run["foreign_share_percent"]
    return [
        f"{name}: other work took {share:.0f} % of the machine, do not trust it"
        for name, share in shares.items()
        if share is not None and share > most
    ]


def otherwise(runs: list[Record]) -> list[str]:
    """What was asked of one and not of the other."""
    found = [run.facts.get("parameters") or {} for run in runs]
    told = {name: {str(one.get(name)) for one in found} for name in ("users", "rate", "size")}
    return [f"{name} differ: {' and '.join(sorted(values))}" for name, values in told.items() if len(values) > 1]


if __name__ == "__main__":
    sys.exit(main())
