"""Stored files as answers: whole, or the one range that a player asks for. They never change, so everybody may keep
them for ever."""

import re

from django.core.files import File
from django.http import FileResponse, HttpRequest, HttpResponse
from whitenoise.responders import SlicedFile

from apps.core.conditional import is_known

KEPT = "public, max-age=31536000, immutable"
RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)


class Bytes(FileResponse):
    """In pieces that are worth sending, and with no header of its own."""

    block_size = 64 * 1024

    def set_headers(self, filelike: object) -> None:
        pass


def served(request: HttpRequest, file: File, *, etag: str, content_type: str) -> HttpResponse:
    """Closes the file, at the end of the answer at the latest."""
    size = file.size
    first, last = asked_range(request, size, etag) or (0, size - 1)
    headers = {"Cache-Control": KEPT, "ETag": etag, "Accept-Ranges": "bytes"}
    if is_known(request.META.get("HTTP_IF_NONE_MATCH"), etag):
        response = HttpResponse(status=304, headers=headers)
        del response.headers["Content-Type"]
    elif request.method == "HEAD":
        response = HttpResponse(headers=headers | {"Content-Length": str(size)}, content_type=content_type)
    else:
        headers["Content-Length"] = str(last - first + 1)
        response = Bytes(SlicedFile(file, first, last), headers=headers, content_type=content_type)
        if last - first + 1 < size:
            response.status_code = 206
            response["Content-Range"] = f"bytes {first}-{last}/{size}"
        return response
    file.close()
    return response


def asked_range(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """First and last byte. None: no range, several, one that no file of this size has, or one of another file; then
    the answer is the whole, as RFC 9110 allows."""
    found = RANGE.fullmatch(request.META.get("HTTP_RANGE", ""))
    if not found or request.method != "GET" or request.META.get("HTTP_IF_RANGE", etag) != etag:
        return None
    first, last = found.groups()
    if first:
        start, end = int(first), min(int(last or size), size - 1)
    else:
        start, end = max(size - int(last or 0), 0), size - 1
    return (start, end) if start <= end else None
