"""The service endpoints: welcome, health, documentation."""

import threading
from functools import lru_cache

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerView

from apps.core import clock, health
from apps.core.answers import Json
from apps.core.api import OpenView
from apps.core.errors import Problem, not_found
from apps.core.schema import describe
from apps.core.serializers import (
    ApiIndexSerializer,
    HealthSerializer,
    LiveSerializer,
    ReadySerializer,
    WelcomeSerializer,
)

TAG = "Administration"
AREAS = ("auth", "users", "habits", "challenges", "checkins", "friends", "notifications", "media", "hitch", "stats")
not_ready = Problem(503, "not_ready", "The service is not ready.")


class WelcomeView(OpenView):
    @describe(TAG, "Where everything is", answer=WelcomeSerializer, open=True, throttled=False)
    def get(self, request):
        links = {"docs": "/docs", "redoc": "/redoc", "health": "/health", "api": "/api/v1"}
        return Json({"message": f"Welcome to {settings.APP_NAME}", "version": settings.APP_VERSION, **links})


class ApiIndexView(OpenView):
    @describe(TAG, "The areas of the API", answer=ApiIndexSerializer, open=True, throttled=False)
    def get(self, request):
        endpoints = {area: f"/api/v1/{area}" for area in AREAS}
        return Json({"version": "1.0", "endpoints": endpoints, "docs": "/docs", "health": "/health"})


class HealthView(OpenView):
    @describe(TAG, "How the service and what it needs are doing", answer=HealthSerializer, open=True, throttled=False)
    def get(self, request):
        database = word(health.database().is_well)
        cache = health.cache_word()
        return Json(
            {
                "status": "degraded" if "error" in (database, cache) else "ok",
                "version": settings.APP_VERSION,
                "environment": settings.ENVIRONMENT,
                "app_name": settings.APP_NAME,
                "database": database,
                "cache": cache,
                "timestamp": clock.now(),
            }
        )


class LiveView(OpenView):
    @describe(TAG, "The process answers", answer=LiveSerializer, open=True, throttled=False)
    def get(self, request):
        return Json({"status": "ok"})


class ReadyView(OpenView):
    @describe(
        TAG, "The service can take requests", answer=ReadySerializer, problems=(not_ready,), open=True, throttled=False
    )
    def get(self, request):
        database, cache = health.database(), health.cache_server()
        dependencies = {
            "database": {"status": word(database.is_well), "latency_ms": database.latency_ms},
            "cache": {"status": word(cache is not None), "latency_ms": cache},
        }
        if not database.is_usable:
            raise not_ready(extra={"status": "unavailable", "dependencies": dependencies})
        is_well = database.is_well and cache is not None
        return Json({"status": "ok" if is_well else "degraded", "dependencies": dependencies})


class OpenApiView(OpenView):
    schema = None

    def get(self, request):
        require_docs()
        return HttpResponse(openapi_bytes(), content_type="application/vnd.oai.openapi+json")


class DocumentationView(OpenView):
    """A page for people: HTML is what it is asked for."""

    schema = None

    def perform_content_negotiation(self, request, force=False):
        require_docs()
        return super(OpenView, self).perform_content_negotiation(request, force=True)


class SwaggerView(DocumentationView, SpectacularSwaggerView):
    pass


class RedocView(DocumentationView, SpectacularRedocView):
    template_name = "core/redoc.html"


def word(is_well: bool) -> str:
    return "ok" if is_well else "error"


def require_docs() -> None:
    if not settings.ENABLE_DOCS:
        raise not_found()


def openapi_bytes() -> bytes:
    """The document is the same for everybody and takes a second to make: once per process."""
    with _one_at_a_time:
        return _document()


_one_at_a_time = threading.Lock()  # spectacular loads its extensions as it goes, and not for two threads at once


@lru_cache(maxsize=1)
def _document() -> bytes:
    document = SchemaGenerator().get_schema(request=None, public=True)
    return OpenApiJsonRenderer().render(document, renderer_context={})
