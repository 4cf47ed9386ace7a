"""Which indexes are worth their keep: manage.py index_report, after any workload."""

import json
from dataclasses import asdict

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from rich.console import Console
from rich.table import Table

from apps.profiling.indexes import Finding, counted_since, report

WRONG = ("invalid", "redundant")


class Command(BaseCommand):
    help = "Lists invalid, redundant, unused and missing indexes of our tables, each with the migration it proposes."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="one JSON document instead of tables")
        parser.add_argument("--check", action="store_true", help="exit with 1 when one is invalid or redundant")

    def handle(self, *args, check, **options):
        found, since = report(connection), counted_since(connection)
        if options["json"]:
            kinds = {kind: [asdict(finding) for finding in findings] for kind, findings in found.items()}
            self.stdout.write(json.dumps({"counted_since": since, "findings": kinds}, indent=2))
        else:
            self.print(found, since)
        wrong = [finding.name for kind in WRONG for finding in found[kind]]
        if check and wrong:
            raise CommandError(f"Invalid or redundant: {', '.join(wrong)}.")

    def print(self, found: dict[str, list[Finding]], since: str | None) -> None:
        console = Console(file=self.stdout, width=None if self.stdout.isatty() else 140, markup=False, highlight=False)
        console.print(f"Scans since {since or 'the database was made'}.")
        for kind, findings in found.items():
            console.print(f"\n{kind.capitalize()}: {len(findings) or 'none'}")
            if findings:
                console.print(table_of(findings))
            for operation in filter(None, (finding.operation for finding in findings)):
                console.print(f"    {operation}", soft_wrap=True)


def table_of(findings: list[Finding]) -> Table:
    table = Table("table", "name", "scans", "size", "why")
    for finding in findings:
        size = "" if finding.bytes is None else f"{finding.bytes / 1024:,.0f} kB"
        scans = "" if finding.scans is None else f"{finding.scans:,}"
        table.add_row(finding.table, finding.name, scans, size, finding.reason)
    return table
