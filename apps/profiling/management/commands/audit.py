"""Recomputes every value that is stored twice; exit code 1 when one differs."""

import time
from itertools import groupby

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from apps.profiling.audit import Difference, differences

SHOWN_PER_VALUE = 20


class Command(BaseCommand):
    help = "Recomputes counters, streaks and points from their rows and shows what differs (contract 3.13)."

    def handle(self, *args, **options):
        started = time.monotonic()
        found = differences()
        seconds = time.monotonic() - started
        if found:
            Console(file=self.stdout, width=120).print(as_table(found))
            raise CommandError(f"audit: {len(found):,} differences, found in {seconds:.1f} s.")
        self.stdout.write(f"audit: no difference, in {seconds:.1f} s.")


def as_table(found: list[Difference]) -> Table:
    """The first of each value, and how many there are of it."""
    table = Table("value", "id", "stored", "recomputed")
    for value, group in groupby(sorted(found, key=lambda difference: difference.value), lambda one: one.value):
        same = list(group)
        for difference in same[:SHOWN_PER_VALUE]:
            table.add_row(*map(str, difference))
        table.add_row(f"{value}: {len(same):,} in all", style="bold", end_section=True)
    return table
