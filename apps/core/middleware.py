"""What surrounds every request: its id, its time, its headers, and both forms of its path."""

import re
import time
from contextlib import ExitStack

from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import connection
from django.http import HttpRequest, HttpResponse
from uuid_utils.compat import uuid4

from apps.core import errors, logs
from apps.core.cache import server

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
MAX_HEADER_LENGTH = 32 * 1024
KEEP_SLASH = ("/admin/", "/static/", "/silk/", "/__debug__/")


class RequestEnvelope:
    """Outermost: nothing answers without a request id, a process time and the API's headers."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        sent = request.META.get("HTTP_X_REQUEST_ID", "")
        request.id = sent if REQUEST_ID.fullmatch(sent) else str(uuid4())
        token = logs.request_id.set(request.id)
        try:
            with ExitStack() as stack:
                statements = stack.enter_context(Statements()) if settings.DEVELOPMENT else None
                response = self.answer(request)
        finally:
            logs.request_id.reset(token)
        seconds = time.perf_counter() - started
        response["X-Request-ID"] = request.id
        response["X-Process-Time"] = f"{seconds:.6f}"
        if statements:
            response["Server-Timing"] = statements.timing(seconds)
        return response

    def answer(self, request: HttpRequest) -> HttpResponse:
        if header_length(request) > MAX_HEADER_LENGTH:
            return self.finish(request, errors.answer(errors.headers_too_large()))
        try:
            request.get_host()
        except DisallowedHost as error:
            return self.finish(request, errors.answer(error))
        take_one_trailing_slash(request)
        return self.finish(request, self.get_response(request))

    def finish(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if settings.ENVIRONMENT == "production":
            response["X-XSS-Protection"] = "1; mode=block"
        if request.path_info.startswith("/api/"):
            response["Vary"] = "Authorization, Origin"
            response.setdefault("Cache-Control", "no-store")
        if not response.streaming:
            state_length(request, response)
        return response


class Cors(CorsMiddleware):
    """django-cors-headers, with every request header allowed: a list cannot say "all" beside credentials.

    Apps send no Origin, and an answer without one has nothing to say about origins: it is spared the work.
    """

    def __call__(self, request):
        return super().__call__(request) if "HTTP_ORIGIN" in request.META else self.get_response(request)

    def add_response_headers(self, request, response):
        response = super().add_response_headers(request, response)
        asked = request.headers.get("Access-Control-Request-Headers")
        if asked and response.has_header("Access-Control-Allow-Headers"):
            response["Access-Control-Allow-Headers"] = asked
        return response


class Statements:
    """Counts and times the statements and the cache's round trips of one request, for Server-Timing in development."""

    def __init__(self):
        self.count, self.seconds = 0, 0.0
        self.trips_before, self.cache_before = server.trips, server.seconds

    def __enter__(self):
        self.wrapper = connection.execute_wrapper(self)
        self.wrapper.__enter__()
        return self

    def __exit__(self, *exc):
        return self.wrapper.__exit__(*exc)

    def __call__(self, execute, sql, params, many, context):
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.count += 1
            self.seconds += time.perf_counter() - started

    def timing(self, total: float) -> str:
        trips, cached = server.trips - self.trips_before, server.seconds - self.cache_before
        return (
            f"app;dur={total * 1000:.1f}, "
            f'db;dur={self.seconds * 1000:.1f};desc="{self.count} statements", '
            f'cache;dur={cached * 1000:.1f};desc="{trips} round trips"'
        )


def header_length(request: HttpRequest) -> int:
    """The server's buffer has room for a long URL, which it refuses by itself; headers fill it only here."""
    return sum(len(value) for name, value in request.META.items() if name.startswith("HTTP_"))


def state_length(request: HttpRequest, response: HttpResponse) -> None:
    if response.status_code not in (204, 304):
        response.setdefault("Content-Length", str(len(response.content)))
    if request.method == "HEAD":
        response.content = b""


def take_one_trailing_slash(request: HttpRequest) -> None:
    """`/api/v1/challenges/` is `/api/v1/challenges`: same handler, never a redirect."""
    path = request.path_info
    if len(path) > 1 and path.endswith("/") and not path.startswith(KEEP_SLASH):
        request.path_info = path[:-1]
