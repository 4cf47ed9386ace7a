"""The result of a bench for people: what was measured, the targets, and the change since an earlier result."""

from rich.console import Console
from rich.table import Table

COLUMNS = ("req/s", "p50 ms", "p95 ms", "server us", "db us", "SQL", "trips", "Redis", "bytes")
IDLE = 0.1
WIDTH = 160  # in a file or a pipe
RATIOS = {"rate": "req/s x", "p95_ms": "p95 x", "cpu": "CPU x"}


def show(result: dict, against: dict | None = None) -> None:
    console = Console(width=None if Console().is_terminal else WIDTH, highlight=False)
    console.print(facts_line(result["facts"]), markup=False)
    sides = result.get("sizes", ["server", "floor"])
    console.print(measured(result["rows"], sides))
    console.print(generator_line(result["rows"], sides), markup=False)
    if warning := others_line(result["rows"], sides):
        console.print(warning, style="yellow", markup=False)
    for target in result["targets"]:
        console.print(target_line(target), style="green" if target["met"] else "bold red", markup=False)
    if against:
        console.print(changes(result["rows"], against["rows"], sides))


def facts_line(facts: dict) -> str:
    return (
        f"{facts['cores']} cores (load {facts['load_before']:.1f} before), Python {facts['python']}, "
        f"PostgreSQL {facts['postgresql']}, {facts['workers']} workers x {facts['threads']} threads, "
        f"{facts['connections']} connections, {facts['size']} data, {facts['rounds']} x {facts['seconds']:g} s"
    )


def measured(rows: list[dict], sides: list[str]) -> Table:
    """Two lines an endpoint. The last three columns: the first side divided by the second, the median of the rounds."""
    table = Table()
    table.add_column("endpoint", no_wrap=True)
    table.add_column("", no_wrap=True)
    for column in (*COLUMNS, *RATIOS.values()):
        table.add_column(column, justify="right")
    first, second = sides
    for row in rows:
        ratios = ("?" if row["ratio"][name] is None else f"{row['ratio'][name]:.2f}" for name in RATIOS)
        table.add_row(row["endpoint"], first, *cells(row[first]), *ratios)
        table.add_row(f"  {row['mode']}", second, *cells(row[second]), style="dim", end_section=True)
    return table


def cells(side: dict) -> list[str]:
    return [
        f"{side['rate']:,.0f}",
        f"{side['p50_ms']:.1f}",
        f"{side['p95_ms']:.1f}",
        *(micros(side[name]) for name in ("server_us", "database_us")),
        *(f"{round(side[name], 2):g}" for name in ("statements", "round_trips", "redis")),
        f"{side['bytes']:,.0f}",
    ]


def micros(value: float | None) -> str:
    return "?" if value is None else f"{value:,.0f}"


def generator_line(rows: list[dict], sides: list[str]) -> str:
    """The generator takes its CPU from the same cores: requests/s of both sides are that much lower."""
    shares = [row[side]["generator_us"] * row[side]["rate"] / 1e4 for row in rows for side in sides]
    costs = [row[side]["generator_us"] for row in rows for side in sides]
    return (
        f"generator: {min(costs):.0f}-{max(costs):.0f} us a request, {min(shares):.0f}-{max(shares):.0f} % of one core"
    )


def others_line(rows: list[dict], sides: list[str]) -> str:
    """Empty when the machine was the bench's alone."""
    shares = [row[side]["others"] for row in rows for side in sides if row[side]["others"] is not None]
    if not shares or max(shares) < IDLE:
        return ""
    span = f"{min(shares) * 100:.0f}-{max(shares) * 100:.0f} %"
    return f"other work took {span} of the cores meanwhile: trust CPU x, and measure again for req/s x and p95 x"


def target_line(target: dict) -> str:
    word = "met   " if target["met"] else "MISSED"
    return f"{word} {target['endpoint']}: {target['what']} {target['ratio']:.3f} ({target['sign']} {target['limit']:g})"


def changes(rows: list[dict], before: list[dict], sides: list[str]) -> Table:
    """Of the first side. The ratio says more than requests/s when the machine was not equally idle both times."""
    table = Table()
    table.add_column("change", no_wrap=True)
    for column in ("req/s", "req/s x", "p95 x", "CPU x", "server us", "db us", "SQL", "bytes"):
        table.add_column(column, justify="right", no_wrap=True)
    known = {(row["name"], row["mode"]): row for row in before}
    for row in rows:
        if old := known.get((row["name"], row["mode"])):
            table.add_row(f"{row['endpoint']} {row['mode']}", *changed(row, old, sides[0]))
    return table


def changed(row: dict, old: dict, side: str) -> list[str]:
    if side not in old:
        raise SystemExit(f"the earlier result has no {side}: it is of another kind")
    new_side, old_side = row[side], old[side]
    return [
        change(old_side["rate"], new_side["rate"], ",.0f"),
        *(change(old["ratio"].get(name), row["ratio"].get(name), ".2f") for name in RATIOS),
        *(change(old_side[name], new_side[name], ",.0f") for name in ("server_us", "database_us")),
        *(change(old_side[name], new_side[name], ",.4g") for name in ("statements", "bytes")),
    ]


def change(old: float | None, new: float | None, form: str) -> str:
    if old is None or new is None:
        return "?"
    if f"{old:{form}}" == f"{new:{form}}":
        return f"{new:{form}}"
    percent = f" {(new / old - 1) * 100:+.0f}%" if old else ""
    return f"{old:{form}} > {new:{form}}{percent}"
