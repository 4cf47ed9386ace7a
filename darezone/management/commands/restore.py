"""The opposite of manage.py backup, with proof that what was restored is right."""

import time
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from darezone import backups


class Command(BaseCommand):
    help = "Restores a file of `backup` into an empty database, brings it to this version, and audits it."
    requires_system_checks = []  # no setting is worth going without it

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", metavar="DATABASE", help="drop all that this database, named again, has now")

    def handle(self, *args, file, replace, **options):
        try:
            backups.read_through(connection, file)
            self.make_room(replace)
            self.timed("restored", lambda: backups.put_back(connection, file))
        except (backups.BackupError, DatabaseError) as error:
            raise CommandError(str(error)) from error
        self.timed("analyzed", analyze)
        self.timed("migrated", lambda: call_command("migrate", interactive=False, verbosity=0))
        call_command("audit", stdout=self.stdout)

    def make_room(self, replace: str | None) -> None:
        name, found = connection.settings_dict["NAME"], backups.tables(connection)
        if replace not in (None, name):
            raise CommandError(f"The database of the settings is {name}, not {replace}: nothing was changed.")
        if found and not replace:
            raise CommandError(f"{name} has {len(found)} tables: restore into an empty database, or --replace {name}.")
        if found:
            self.timed("emptied", lambda: backups.empty(connection))

    def timed(self, what: str, do) -> None:
        started = time.monotonic()
        do()
        self.stdout.write(f"{what} {connection.settings_dict['NAME']} in {time.monotonic() - started:.1f} s")


def analyze() -> None:
    """The planner knows nothing about tables that were just filled."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
