"""Conditional reads (contract 1.7): an ETag on the answer, 304 for a client that has it already."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags

from apps.core.answers import to_bytes
from apps.core.cache_values import Value, valued

REVALIDATED = "private, no-cache"


def conditional(request: HttpRequest, value: Value) -> HttpResponse:
    """A stored or freshly made body, or 304 without one."""
    etag = f'"{value.etag}"'
    if is_known(request.META.get("HTTP_IF_NONE_MATCH"), etag):
        response = HttpResponse(status=304)
        del response.headers["Content-Type"]
    else:
        response = HttpResponse(value.body, content_type="application/json")
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = REVALIDATED
    return response


def answered(request: HttpRequest, data: Any) -> HttpResponse:
    """The same for data that no cache keeps."""
    return conditional(request, valued(to_bytes(data)))


def is_known(header: str | None, etag: str) -> bool:
    """Does If-None-Match name it? Compared weakly, as RFC 9110 says for it."""
    if not header:
        return False
    known = parse_etags(header)
    return known == ["*"] or etag in [one.removeprefix("W/") for one in known]
