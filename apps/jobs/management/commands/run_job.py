from django.core.management.base import BaseCommand, CommandError

from apps.jobs.models import Outcome
from apps.jobs.registry import JOBS
from apps.jobs.services import run_job


class Command(BaseCommand):
    help = "Run a job now, to its end. Without a name: what there is, and when the worker runs it."

    def add_arguments(self, parser) -> None:
        parser.add_argument("name", nargs="?", choices=sorted(JOBS))

    def handle(self, *args, name: str | None, **options) -> None:
        if not name:
            for job in JOBS.values():
                self.stdout.write(f"{job.name:20} {when(job)}")
            return
        run = run_job(name)
        self.stdout.write(f"{run.message} in {run.duration_ms} ms")
        if run.outcome == Outcome.FAILED:
            raise CommandError(run.error)


def when(job) -> str:
    return (job.cron or "by hand") + ("" if job.is_on() else " (switched off)")
