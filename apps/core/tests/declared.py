"""Every answer that a test gets from the API is one that the OpenAPI document declares: apps/conftest.py asks here."""

from functools import lru_cache

import orjson
from django.http import HttpRequest, HttpResponse

from apps.core.routes import NO_ROUTE, route_of, written
from apps.core.tests import openapi
from apps.core.tests.routes import all_routes

ERROR = b'{"$ref": "#/components/schemas/Error"}'
# What answers before a method of the API is reached, or in place of one that does not exist.
UNDECLARED = (400, 401, 404, 405, 406, 429)
PAGES = ("/docs", "/redoc", "/openapi.json", "/metrics", "/admin", "/static", "/silk", "/__debug__")


def fault(request: HttpRequest, response: HttpResponse) -> str | None:
    """Why this answer is none that the API may give; None when it is."""
    if request.path_info.startswith(PAGES) or not request.path_info.startswith(("/api", "/health")):
        return None
    declared, schema = answers(request.method, canonical().get(route_of(request), NO_ROUTE), response.status_code)
    if not declared:
        return "its status is not declared"
    if request.method == "HEAD" or schema is None:
        return "it has a body" if response.content else None
    if response["Content-Type"] != "application/json":
        return f"it is {response['Content-Type']}"
    return openapi.wrong(orjson.loads(response.content), openapi.validator(schema, response.status_code < 300))


@lru_cache(maxsize=4096)
def answers(method: str, route: str, status: int) -> tuple[bool, bytes | None]:
    """Is such an answer declared, and with which JSON?"""
    if method == "OPTIONS" and status in (200, 204):  # 200 is a preflight's
        return True, None
    operation = openapi.operation("GET" if method == "HEAD" else method, route)
    if not operation or status == 431:  # the server's own word, before any route is known
        return status in (*UNDECLARED, 431), ERROR
    found = operation["responses"].get(str(status))
    content = (found or {}).get("content")
    return found is not None, orjson.dumps(content["application/json"]["schema"]) if content else None


@lru_cache(maxsize=1)
def canonical() -> dict[str, str]:
    """By route the one that OpenAPI lists: of an alias that of the view it is derived from."""
    routes = {written(route.pattern): route.view for route in all_routes()}
    listed = {view: path for path, view in routes.items() if getattr(view, "schema", None)}
    return {
        path: next((listed[kind] for kind in view.__mro__ if kind in listed), path) for path, view in routes.items()
    }
