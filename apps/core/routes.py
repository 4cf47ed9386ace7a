"""A request's route as logs and metrics name it: a pattern of the URLconf and a known method, so that names are few."""

import re
from functools import cache

from django.http import HttpRequest

METHODS = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"))
NO_ROUTE = "-"
CONVERTER, GROUP = re.compile(r"<\w+:"), re.compile(r"\(\?P(<\w+>)[^)]*\)\$?")


def route_of(request: HttpRequest) -> str:
    """NO_ROUTE for a path that nothing answers, and for what is answered before the URLconf is asked."""
    match = request.resolver_match
    if match is None or (not match.route and request.path_info != "/"):
        return NO_ROUTE
    return written(match.route)


def method_of(request: HttpRequest) -> str:
    return request.method if request.method in METHODS else "other"


@cache
def written(pattern: str) -> str:
    return "/" + GROUP.sub(r"\1", CONVERTER.sub("<", pattern)).lstrip("^/")
