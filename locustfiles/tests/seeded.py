"""The server that production starts, with one thing wrong: what the gate's self-test must see. SEEDED_FAULT names it.

Nothing of it is in a shipped path: only `locustfiles.tests.seeded:application` has it, and only tests start that.
"""

import itertools
import os
import time

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

SLOW_SECONDS = 0.25
EXTRA_STATEMENTS = 20
EACH = 500  # of them one fails: 0.2 %
SLOW_PATH, COSTLY_PATH = "/api/v1/users/me", "/api/v1/challenges"


class Seeded:
    """The innermost middleware: what it does is timed and counted as a view's doing."""

    def __init__(self, get_response):
        self.get_response, self.numbers = get_response, itertools.count(EACH // 2)  # the first after half as many
        self.spoil = getattr(self, os.environ["SEEDED_FAULT"])

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.spoil(request) or self.get_response(request)

    def sleep(self, request: HttpRequest) -> None:
        if request.path == SLOW_PATH:
            time.sleep(SLOW_SECONDS)  # noqa: TID251 - the fault itself

    def statements(self, request: HttpRequest) -> None:
        """An N+1: as a list would make that asks again for each of its rows."""
        if request.path == COSTLY_PATH:
            with connection.cursor() as cursor:
                for _ in range(EXTRA_STATEMENTS):
                    cursor.execute("SELECT name FROM habits LIMIT 1")

    def errors(self, request: HttpRequest) -> HttpResponse | None:
        if request.path.startswith("/api/v1/") and next(self.numbers) % EACH == 0:
            return HttpResponse('{"detail":"seeded","code":"server_error"}', status=500)
        return None


os.environ["DAREZONE_SERVES"] = "true"  # as darezone/wsgi.py says it, which comes too late for these settings
settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.Seeded"]

from darezone.wsgi import application  # noqa: E402, F401 - after the middleware has been added
