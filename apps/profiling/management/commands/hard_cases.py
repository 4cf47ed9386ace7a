"""Which tests stand for which hard case: manage.py hard_cases."""

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.table import Table

from apps.profiling import hard_cases


class Command(BaseCommand):
    help = "Lists the hard cases with the tests that carry their numbers. --write brings docs/hard-cases.md up to date."

    def add_arguments(self, parser):
        parser.add_argument("--write", action="store_true", help="write docs/hard-cases.md")

    def handle(self, *args, **options):
        if options["write"]:
            hard_cases.DOCUMENT.write_text(hard_cases.written(), encoding="utf-8")
        found = hard_cases.tests()
        console = Console(file=self.stdout, width=None if self.stdout.isatty() else 160, markup=False, highlight=False)
        table = Table("case", "what", "tests")
        for case in hard_cases.cases():
            tests = found.get(case.number)
            table.add_row(str(case.number), case.title, "\n".join(tests) if tests else case.tests)
        console.print(table)
        covered = sum(case.number in found for case in hard_cases.cases())
        self.stdout.write(f"{covered} of {len(hard_cases.cases())} cases have tests.")
