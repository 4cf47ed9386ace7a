"""Makes up people and their history: manage.py seed --size demo."""

import contextlib
import os
import sys
import time
from collections.abc import Callable

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from apps.accounts.models import User
from apps.profiling.seeding.fill import NotEmpty, fill
from apps.profiling.seeding.sizes import SIZES, login_lines
from apps.profiling.seeding.tables import Table

COLUMNS = (TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())


class Command(BaseCommand):
    help = "Fills an empty database with made-up people, challenges and check-ins. Same seed and day, same rows."

    def add_arguments(self, parser):
        parser.add_argument(
            "--size",
            choices=(*SIZES, "none"),
            default="demo",
            help="demo, load, crowd (load with 4,000 people), large or none",
        )
        parser.add_argument("--seed", type=int, default=1, help="another number makes other lives (1)")
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there are users already")
        parser.add_argument("--logins", action="store_true", help="only print who can log in with this size")

    def handle(self, *args, size, seed, if_empty, logins, **options):
        if logins:
            base = os.environ.get("DAREZONE_BASE_URL", "http://127.0.0.1:8000")
            self.stdout.write("\n".join(login_lines(size, base)))
        elif size != "none":
            self.seed(size, seed, if_empty)

    def seed(self, size: str, number: int, if_empty: bool) -> None:
        with contextlib.suppress(NotEmpty):  # another seed that was faster
            if not User.objects.exists():
                self.stdout.write(fill_with_bars(size, number))
                return
        if not if_empty:
            raise CommandError("The database has users already: seed fills an empty one only.")


def fill_with_bars(size: str, number: int) -> str:
    """What was done, in a line."""
    if settings.PRODUCTION:
        raise CommandError("These accounts have passwords that everybody knows: not in production.")
    started = time.monotonic()
    with Progress(*COLUMNS, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bars:
        lives = bars.add_task("lives", total=None)
        filled = fill(size, number, lambda table: bar(bars, lives, table))
    counts = ", ".join(f"{table.count:,} {table.model._meta.db_table}" for table in filled)
    return f"Seeded {size} in {time.monotonic() - started:.1f} s: {counts}."


def bar(bars: Progress, lives: TaskID, table: Table) -> Callable[[int], None]:
    """The first table can begin when all lives are made up."""
    bars.update(lives, total=1, completed=1)
    task = bars.add_task(table.model._meta.db_table, total=table.count)
    return lambda number: bars.update(task, completed=number)
