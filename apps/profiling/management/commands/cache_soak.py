"""Does anybody read something older than a write that was answered? bin/manage cache_soak --seconds 60"""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from apps.profiling.soak import Counts, added, make_world, remove_world
from apps.profiling.soak_process import soak


class Command(BaseCommand):
    help = "Writers and readers in several processes; fails when a read is older than an answered write."

    def add_arguments(self, parser):
        parser.add_argument("--seconds", type=float, default=60)
        parser.add_argument("--processes", type=int, default=2)

    def handle(self, *args, seconds, processes, **options):
        world = make_world()
        where = {"database": connection.settings_dict["NAME"], "prefix": settings.CACHE_PREFIX}
        try:
            numbers = len(world.users) + len(world.challenges)
            counted = soak(world, numbers=numbers, seconds=seconds, processes=processes, **where)
        finally:
            remove_world(world)
        self.report(added(map(Counts._make, counted)), processes)

    def report(self, counts: Counts, processes: int) -> None:
        ratio = counts.hits / max(counts.hits + counts.misses, 1)
        self.stdout.write(
            f"{processes} processes: {counts.reads} reads, {counts.writes} writes, "
            f"{ratio:.1%} of values from the cache, {counts.failed} failed, {counts.stale} stale"
        )
        if counts.stale or counts.failed or not (counts.reads and counts.writes):
            raise CommandError("Stale reads, or none at all.")
