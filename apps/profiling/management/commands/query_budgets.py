"""What each route may cost: manage.py query_budgets."""

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.table import Table

from apps.profiling.budgets import ROUTES, VARIANTS


class Command(BaseCommand):
    help = (
        "Lists the SQL statements that each route may make, cold and warm."
        " What it makes: bin/test apps/profiling/tests/test_budgets.py"
    )

    def handle(self, *args, **options):
        console = Console(file=self.stdout, width=None if self.stdout.isatty() else 120, markup=False, highlight=False)
        table = Table("route", "case", "cold", "warm")
        for route, budget in ROUTES.items():
            table.add_row(" ".join(route), "", str(budget.cold), str(budget.warm))
            for (*variant_of, case), variant in VARIANTS.items():
                if tuple(variant_of) == route:
                    table.add_row("", case, str(variant.cold), str(variant.warm))
        console.print(table)
