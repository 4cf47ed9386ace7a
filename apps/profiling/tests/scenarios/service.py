from functools import partial

from django.test import override_settings

from apps import testing
from apps.profiling.tests.scenarios.registry import scenario


@scenario("GET", "/")
def welcome(world):
    return partial(testing.Api().http.get, "/")


@scenario("GET", "/api/v1")
def areas(world):
    return partial(testing.Api().http.get, "/api/v1")


@scenario("GET", "/health")
def health(world):
    return partial(testing.Api().http.get, "/health")


@scenario("GET", "/health/live")
def alive(world):
    return partial(testing.Api().http.get, "/health/live")


@scenario("GET", "/health/ready")
def ready(world):
    return partial(testing.Api().http.get, "/health/ready")


@scenario("GET", "/metrics")
def numbers(world):
    return partial(testing.Api().http.get, "/metrics")


@scenario("GET", "/openapi.json")
def openapi(world):
    return partial(documentation, "/openapi.json")


@scenario("GET", "/docs")
def docs(world):
    return partial(documentation, "/docs")


@scenario("GET", "/redoc")
def redoc(world):
    return partial(documentation, "/redoc")


@override_settings(ENABLE_DOCS=True)
def documentation(path: str):
    return testing.Api().http.get(path)
