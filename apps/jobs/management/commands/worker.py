from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Run jobs when they are due, until it is told to stop. bin/worker starts it."

    def handle(self, *args, **options) -> None:
        from apps.jobs import queue  # the queue is installed where commands run, not where requests are served

        queue.work()
