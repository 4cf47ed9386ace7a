"""The file of a multipart body, taken off the connection piece by piece: memory never holds more than a piece."""

from collections.abc import Callable
from typing import BinaryIO

from django.conf import settings
from django.http import HttpRequest, UnreadablePostError
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from apps.core.bodies import announced, has_body
from apps.core.errors import Invalid, not_multipart, payload_too_large, violation
from apps.media.sniffing import HEAD

FIELD = "file"
MOST_PARTS = 100
WITHOUT_TYPE = "text/plain"  # RFC 7578


class Received:
    """What arrived in the field. `file` has it all unless it is larger than `most` bytes; `size` is always all."""

    def __init__(self, file: BinaryIO, most: int, declared: str):
        self.file, self.most, self.declared = file, most, declared
        self.size, self.head = 0, b""

    def take(self, piece: bytes) -> None:
        self.size += len(piece)
        self.head = (self.head + piece[:HEAD])[:HEAD]
        if self.size <= self.most:
            self.file.write(piece)


def require_multipart(request: HttpRequest) -> None:
    """Raises 413 and 415, before anything of the body is read."""
    if announced(request) > settings.LARGEST_BODY_BYTES:
        raise payload_too_large(limit=settings.LARGEST_BODY_BYTES)
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower()
    is_absent = not request.content_type and not has_body(request)
    if encoding not in ("identity", "") or not (is_absent or request.content_type == "multipart/form-data"):
        raise not_multipart()


def receive(request: HttpRequest, file: BinaryIO, most: int) -> Received:
    """Writes the field `file` of the body into a file. Raises Invalid for a body that is none, or lacks it."""
    if not request.content_type:
        raise Invalid([missing()])
    try:
        return _parse(request, file, most)
    except (MultipartError, UnreadablePostError):  # the latter when the client has gone: nobody reads the answer
        raise Invalid([violation(["body"], "The body is not valid multipart/form-data.")]) from None


def missing() -> dict:
    return violation(["body", FIELD], "This field is required.", "required")


def _parse(request: HttpRequest, file: BinaryIO, most: int) -> Received:
    boundary = request.content_params.get("boundary", "").encode("ascii", "ignore")
    parser = PushMultipartParser(boundary, max_segment_count=MOST_PARTS)
    received, is_inside = None, False
    for event in parser.parse_blocking(_bounded(request)):
        if isinstance(event, MultipartSegment):
            is_inside = _is_file(event)
            if is_inside and received:
                raise Invalid([violation(["body", FIELD], "Send one file.", "duplicate")])
            received = Received(file, most, event.content_type or WITHOUT_TYPE) if is_inside else received
        elif event and is_inside:
            received.take(event)
    if not received:
        raise Invalid([missing()])
    return received


def _is_file(part: MultipartSegment) -> bool:
    """A part without a file name is text. Some clients send nothing but `filename*`."""
    return part.name == FIELD and "filename" in part["Content-Disposition"].lower()


def _bounded(request: HttpRequest) -> Callable[[int], bytes]:
    """Reads the body, also one that did not say how long it is, up to the largest that is taken."""
    left = settings.LARGEST_BODY_BYTES

    def read(size: int) -> bytes:
        nonlocal left
        piece = request.read(size)
        left -= len(piece)
        if left < 0:
            raise payload_too_large(limit=settings.LARGEST_BODY_BYTES)
        return piece

    return read
