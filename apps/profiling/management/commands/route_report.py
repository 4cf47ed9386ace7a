"""Which routes take the time: manage.py route_report, the table of /admin/performance/ for terminals and CI."""

import json
from dataclasses import asdict

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from apps.profiling.reports import RouteReport, routes

TITLES = ("route", "impact", "requests", "mean", "p50", "p95", "p99", "SQL ms", "SQL", "most", "budget", "N+1", "hits")


class Command(BaseCommand):
    help = "Routes by impact (requests x mean), with percentiles in ms, statements and budget, as they were recorded."

    def add_arguments(self, parser):
        parser.add_argument("--hours", type=float, default=1, help="how far back (1)")
        parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
        parser.add_argument("--check", action="store_true", help="exit with 1 when a route is over its budget")

    def handle(self, *args, hours, check, **options):
        found = routes(hours)
        if options["json"]:
            self.stdout.write(json.dumps([asdict(route) for route in found], indent=2))
        else:
            width = None if self.stdout.isatty() else 160
            console = Console(file=self.stdout, width=width, markup=False, highlight=False)
            console.print(table_of(found) if found else f"Nothing was recorded in the last {hours:g} h.")
        over = [f"{route.method} {route.route}" for route in found if route.over_budget]
        if check and over:
            raise CommandError(f"Over budget: {', '.join(over)}.")


def table_of(found: list[RouteReport]) -> Table:
    table = Table()
    for title in TITLES:
        table.add_column(title, justify="left" if title == "route" else "right")
    for route in found:
        times = (route.mean_ms, route.p50, route.p95, route.p99, route.sql_ms, route.statements)
        hits = "" if route.hit_ratio is None else f"{route.hit_ratio:.0%}"
        most = Text(str(route.most_statements), style="bold red" if route.over_budget else "")
        table.add_row(
            *(f"{route.method} {route.route}", f"{route.share:.1%}", f"{route.requests:,}"),
            *(f"{number:.1f}" for number in times),
            *(most, "" if route.budget is None else str(route.budget), str(route.repeating or ""), hits),
        )
    return table
