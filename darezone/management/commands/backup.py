"""One file of the whole database: manage.py backup /var/backups/darezone, every day."""

import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from darezone import backups


class Command(BaseCommand):
    help = "Writes the whole database into a file of a folder, then removes the files there that are too old."
    requires_system_checks = []  # no setting is worth going without it

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="an existing one, on another disk than the database")
        parser.add_argument("--days", type=int, default=30, help="how long files are kept (30)")

    def handle(self, *args, folder, days, **options):
        if not folder.is_dir():  # making it would hide that a disk is not there
            raise CommandError(f"{folder} is no folder.")
        if days < 1:
            raise CommandError("--days must be at least 1.")
        started = time.monotonic()
        try:
            file = backups.take(connection, folder)
        except (backups.BackupError, DatabaseError, OSError) as error:
            raise CommandError(str(error)) from error
        seconds, removed = time.monotonic() - started, backups.prune(folder, days)
        size = f"{file.stat().st_size / 1e6:,.1f} MB in {seconds:.1f} s"
        self.stdout.write(f"{file}: {size}; {len(removed)} older than {days} days removed.")
