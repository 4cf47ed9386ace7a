"""Bodies between the server and the views: those that do not say how long they are, and those that nobody has read."""

import contextlib

from django.conf import settings
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpRequest, UnreadablePostError

CHUNK = 64 * 1024
MOST_DIGITS = 18  # more would be no number for Python


def announced(request: HttpRequest) -> int:
    """Bytes; 0 of a body that does not say, or of none."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length[:MOST_DIGITS]) if length.isascii() and length.isdigit() else 0


def has_body(request: HttpRequest) -> bool:
    return announced(request) > 0 or "HTTP_TRANSFER_ENCODING" in request.META


def take_unannounced(request: HttpRequest) -> None:
    """Django takes a chunked body for none. Here it can be read, if the server knows where it ends, and one byte
    farther than the largest that is allowed."""
    if (
        "HTTP_TRANSFER_ENCODING" in request.META
        and request.META.get("wsgi.input_terminated")
        and not announced(request)
    ):
        request._stream = LimitedStream(request.environ["wsgi.input"], settings.LARGEST_BODY_BYTES + 1)


def read_to_the_end(request: HttpRequest) -> None:
    """A server that closes a connection while it is sent something resets it: the client, nginx for one, breaks off
    and never sees the answer, such as a 401. What is larger than any body may be is not waited for."""
    if has_body(request) and announced(request) <= settings.LARGEST_BODY_BYTES:
        with contextlib.suppress(UnreadablePostError):  # the client has gone
            while request.read(CHUNK):
                pass
