"""Every route of the API, read from the URLconf: a new one is covered without asking."""

import re
from dataclasses import dataclass
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver

from apps.core.api import NotFoundView, OpenView

NOBODY = UUID("00000000-0000-0000-0000-00000000dead")
# As they stand in a path.
BAD_IDS = ["9" * 5000, "-1", "abc", "%00", "٣", f"{{{NOBODY}}}", NOBODY.hex, f"urn:uuid:{NOBODY}"]
METHODS = ("get", "post", "put", "patch", "delete")
# Endpoints that take no body, or ignore one (contract, "no body"), or one that is no JSON.
NO_BODY = re.compile(r"auth/(verify|logout)|challenges/<[^>]+>/(join|leave)|mark-all-read|admin/jobs/|media/upload")


@dataclass(frozen=True)
class Route:
    pattern: str
    view: type

    @property
    def is_open(self) -> bool:
        return issubclass(self.view, OpenView)

    @property
    def methods(self) -> list[str]:
        return [method for method in METHODS if hasattr(self.view, method)]

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"<[^>]*?(\w+)>", self.pattern)

    def path(self, value: str = str(NOBODY)) -> str:
        return "/" + re.sub(r"<[^>]+>", value, self.pattern)

    def takes_body(self, method: str) -> bool:
        return method in ("post", "put", "patch") and not NO_BODY.search(self.pattern)

    def __str__(self) -> str:
        return self.pattern


def api_routes() -> list[Route]:
    return [route for route in all_routes() if route.pattern.startswith("api/v1/")]


def all_routes() -> list[Route]:
    """With those of the service itself."""
    return _walk(get_resolver().url_patterns, "")


def _walk(patterns, prefix: str) -> list[Route]:
    found = []
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += _walk(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and (view := getattr(pattern.callback, "view_class", None)):
            found += [Route(path, view)] if view is not NotFoundView else []
    return found
