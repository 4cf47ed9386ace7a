"""Writes what bin/bench sends and what its floor runs."""

import pickle
from pathlib import Path

from django.core.management.base import BaseCommand

from apps.profiling.workload import PATHS, reads
from apps.profiling.workload_check_ins import check_ins

CHECK_IN = "check-in"


class Command(BaseCommand):
    help = "Writes requests and recorded SQL for bin/bench. Changes data: for a database of its own."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("names", nargs="+", choices=(*PATHS, CHECK_IN))
        parser.add_argument("--people", type=int, default=100)
        parser.add_argument("--check-ins", type=int, default=0)
        parser.add_argument("--discover-limit", type=int)

    def handle(self, *args, file, names, people, **options):
        limit = options["discover_limit"]
        queries = {"discover": f"?limit={limit}"} if limit else {}
        writes = {CHECK_IN: check_ins(options["check_ins"])} if CHECK_IN in names else {}
        workload = reads([name for name in names if name != CHECK_IN], people, queries) | writes
        file.write_bytes(pickle.dumps(workload))
