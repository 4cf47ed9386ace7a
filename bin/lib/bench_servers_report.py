"""The results of bin/bench --servers and --recorder for people."""

from pathlib import Path

from bench_recorder import MOST_NOISE
from bench_report import facts_line, generator_line, micros, others_line
from rich.console import Console
from rich.table import Table

WIDTH = 180
COLUMNS = ("req/s", "p50 ms", "p99 ms", "server us", "db us")
RATIOS = {"rate": "req/s x", "p50_ms": "p50 x", "p99_ms": "p99 x", "cpu": "CPU x"}
MIGRATES = Path("/proc/sys/net/ipv4/tcp_migrate_req")


def show(result: dict) -> None:
    console = shown(result, result["servers"])
    console.print(faults(result["faults"]))
    migrates = MIGRATES.read_text().strip() if MIGRATES.exists() else "unknown"
    console.print(f"slow: answers to 4 callers in 4 s beside 40 slow clients; tcp_migrate_req={migrates}", markup=False)


def show_recorder(result: dict) -> None:
    """Its cost by the CPU of server and database; requests/s want an idle machine."""
    console = shown(result, result["servers"])
    for verdict in result["verdicts"]:
        console.print(verdict_line(verdict), style="green" if verdict["met"] else "bold red", markup=False)


def verdict_line(verdict: dict) -> str:
    unmet = "TOO NOISY" if verdict["noise"] > MOST_NOISE else "ABOVE NOISE"
    word = "within noise" if verdict["met"] else unmet
    return (
        f"{word} {verdict['endpoint']}: with the recorder CPU x {ratio(verdict['recorder'])}, "
        f"a second server without it {ratio(verdict['control'])}"
    )


def shown(result: dict, sides: list[str]) -> Console:
    """What all kinds with more than two sides have in common."""
    console = Console(width=None if Console().is_terminal else WIDTH, highlight=False)
    console.print(facts_line(result["facts"]), markup=False)
    console.print(measured(result["rows"], sides))
    console.print(generator_line(result["rows"], sides), markup=False)
    if warning := others_line(result["rows"], sides):
        console.print(warning, style="yellow", markup=False)
    return console


def measured(rows: list[dict], servers: list[str]) -> Table:
    """A line for each server; ratios to the first, the median of the rounds and in brackets the least and greatest."""
    table = Table()
    for column in ("endpoint", "server"):
        table.add_column(column, no_wrap=True)
    for column in (*COLUMNS, *RATIOS.values()):
        table.add_column(column, justify="right", no_wrap=True)
    for row in rows:
        for number, server in enumerate(servers):
            ratios = (ratio(row["ratios"][server][name]) for name in RATIOS) if number else ("1",) * len(RATIOS)
            endpoint = "" if number else row["endpoint"]
            table.add_row(endpoint, server, *cells(row[server]), *ratios, end_section=server == servers[-1])
    return table


def cells(side: dict) -> list[str]:
    times = (f"{side[name]:.1f}" for name in ("p50_ms", "p99_ms"))
    return [f"{side['rate']:,.0f}", *times, *(micros(side[name]) for name in ("server_us", "database_us"))]


def ratio(found: list[float] | None) -> str:
    return "?" if found is None else "{:.2f} ({:.2f}-{:.2f})".format(*found)


def faults(servers: dict[str, dict]) -> Table:
    table = Table()
    table.add_column("server", no_wrap=True)
    for column in ("RSS MB", "PSS MB", "reload s", "answered", "refused", "lost"):
        table.add_column(column, justify="right")
    for kind in ("none", "silent", "head", "body"):
        table.add_column(f"slow: {kind}", justify="right")
    for name, found in servers.items():
        memory = ("?" if number is None else f"{number:.0f}" for number in found["memory"])
        reload = found["reload"]
        calls = (f"{reload[name]:,}" for name in ("answered", "refused", "lost"))
        table.add_row(name, *memory, f"{reload['seconds']:.1f}", *calls, *(f"{n:,}" for n in found["slow"].values()))
    return table
