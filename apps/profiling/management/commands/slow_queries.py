"""Which statements take the time: manage.py slow_queries, the lists of /admin/performance/ for terminals and CI."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from apps.profiling import reports

LONGEST = 300


class Command(BaseCommand):
    help = "N+1 suspects, statements over SLOW_QUERY_MS, and statements by their time, as they were recorded."

    def add_arguments(self, parser):
        parser.add_argument("--hours", type=float, default=1, help="how far back (1)")
        parser.add_argument("--most", type=int, default=15, help="how many statements (15)")
        parser.add_argument("--json", action="store_true", help="one JSON document instead of tables")
        parser.add_argument("--check", action="store_true", help="exit with 1 when a request repeats a statement")

    def handle(self, *args, hours, most, check, **options):
        statements = reports.statements(hours)
        found = {
            "repeated": reports.repeated(statements),
            "slow": reports.slow(hours),
            "statements": reports.expensive(statements, most),
        }
        if options["json"]:
            self.stdout.write(json.dumps(found, indent=2, default=str))
        else:
            self.print(found)
        if check and (names := sorted({row["fingerprint"] for row in found["repeated"]})):
            raise CommandError(f"Made {reports.REPEATS} times or more in one request: {', '.join(names)}.")

    def print(self, found: dict[str, list[dict[str, Any]]]) -> None:
        width = None if self.stdout.isatty() else 160
        console = Console(file=self.stdout, width=width, markup=False, highlight=False)
        console.print(f"\nN+1 suspects: {len(found['repeated']) or 'none'}")
        for row in found["repeated"]:
            place, times = f"{row['method']} {row['route']}", row["most_repeats"]
            console.print(f"  {place}: {times} times in one request, in {row['repeating']:,} requests")
            console.print(
                f"    {row['fingerprint']}  {row['shown'][:LONGEST]}\n    {row['suggestion']}", soft_wrap=True
            )
        console.print(f"\nStatements over {settings.SLOW_QUERY_MS} ms: {len(found['slow']) or 'none'}")
        if found["slow"]:
            console.print(table_of(found["slow"], {"at": "{:%Y-%m-%d %H:%M:%S}", "ms": "{:,.0f}", "request_id": "{}"}))
        console.print(f"\nStatements by time: {len(found['statements']) or 'none'}")
        if found["statements"]:
            numbers = {
                "ms": "{:,.0f}",
                "calls": "{:,}",
                "mean_ms": "{:.2f}",
                "most_ms": "{:.1f}",
                "rows_each": "{:.1f}",
            }
            console.print(table_of(found["statements"], numbers))


def table_of(rows: list[dict[str, Any]], columns: dict[str, str]) -> Table:
    table = Table(*columns, "route", "fingerprint", "statement")
    for row in rows:
        cells = [form.format(row[name]) for name, form in columns.items()]
        table.add_row(*cells, f"{row['method']} {row['route']}", row["fingerprint"], row["shown"][:LONGEST])
    return table
