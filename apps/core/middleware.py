"""What surrounds every request: its id, its time, its headers, and both forms of its path."""

import re

from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from uuid_utils import uuid4

from apps.core import bodies, build_numbers, errors, measured, pool_numbers, request_log, request_numbers
from apps.core.measured import Measured
from apps.core.routes import method_of, route_of

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
MAX_HEADER_LENGTH = 32 * 1024
MOST_HOSTS = 1000
allowed: set[tuple[str | None, tuple[str, ...]]] = set()
KEEP_SLASH = ("/admin/", "/static/", "/silk/", "/__debug__/")


class RequestEnvelope:
    """Outermost: nothing answers without a request id, a process time and the API's headers."""

    def __init__(self, get_response):
        self.get_response = get_response
        pool_numbers.watch()
        build_numbers.tell()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.META.get("HTTP_X_REQUEST_ID", "")
        request.id = sent if sent and REQUEST_ID.fullmatch(sent) else str(uuid4())
        cost = Measured(request, request.id)
        token = measured.current.set(cost)
        try:
            response = self.answer(request)
            cost.status, cost.bytes = response.status_code, response.headers.get("Content-Length", 0)
        finally:
            cost.stop()
            tell(cost)
            measured.current.reset(token)
        response["X-Request-ID"] = request.id
        response["X-Process-Time"] = f"{cost.seconds:.6f}"
        if settings.DEVELOPMENT:
            response["Server-Timing"] = cost.server_timing()
        return response

    def answer(self, request: HttpRequest) -> HttpResponse:
        if header_length(request) > MAX_HEADER_LENGTH:
            return self.refuse(request, errors.headers_too_large())
        try:
            check_host(request)
        except DisallowedHost as error:
            return self.refuse(request, error)
        take_one_trailing_slash(request)
        bodies.take_unannounced(request)
        return self.finish(request, self.get_response(request))

    def refuse(self, request: HttpRequest, error: Exception) -> HttpResponse:
        """Before Django's own middleware, which would have added these. Who asks like that is not kept waiting for."""
        response = self.finish(request, errors.answer(error))
        if not settings.DEVELOPMENT:  # runserver lets no application say it
            response["Connection"] = "close"
        response["X-Content-Type-Options"] = "nosniff"
        response["X-Frame-Options"] = settings.X_FRAME_OPTIONS
        response["Referrer-Policy"] = settings.SECURE_REFERRER_POLICY
        return response

    def finish(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if settings.ENVIRONMENT == "production":
            response["X-XSS-Protection"] = "1; mode=block"
        if request.path_info.startswith("/api/"):
            response["Vary"] = "Authorization, Origin"
            response.setdefault("Cache-Control", "no-store")
        if not response.streaming:
            state_length(request, response)
        bodies.read_to_the_end(request)
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


def tell(cost: Measured) -> None:
    """Whoever wants to know what a request has cost is told here."""
    method, route = method_of(cost.request), route_of(cost.request)
    request_numbers.count(cost, method, route)
    request_log.tell(cost, method, route)
    for watch in measured.request_watchers:
        watch(cost, method, route)


def check_host(request: HttpRequest) -> None:
    """Raises DisallowedHost. Most requests name the same few hosts."""
    known = (request.META.get("HTTP_HOST"), tuple(settings.ALLOWED_HOSTS))
    if known not in allowed:
        request.get_host()
        if len(allowed) < MOST_HOSTS:
            allowed.add(known)


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
