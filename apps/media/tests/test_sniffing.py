import pytest

from apps.media.sniffing import HEAD, UNKNOWN, sniff
from apps.media.tests.files import AVI, JPEG, MOV, MP4, PNG, WEBP


def box(name: bytes, brand: bytes = b"") -> bytes:
    return b"\x00\x00\x00\x20" + name + brand + b"\x00" * 20


class TestSniff:
    @pytest.mark.parametrize(
        ("content", "type"),
        [
            (PNG, "image/png"),
            (JPEG, "image/jpeg"),
            (b"\xff\xd8\xff\xe1\x00\x00Exif", "image/jpeg"),
            (b"\xff\xd8\xff\xdb", "image/jpeg"),
            (WEBP, "image/webp"),
            (AVI, "video/x-msvideo"),
            (MP4, "video/mp4"),
            (MOV, "video/quicktime"),
            (box(b"ftyp", b"mp42"), "video/mp4"),
            (box(b"ftyp", b"iso6"), "video/mp4"),
            (box(b"ftyp", b"M4V "), "video/mp4"),
            (box(b"moov"), "video/quicktime"),
            (box(b"wide"), "video/quicktime"),
            (box(b"mdat"), "video/quicktime"),
        ],
    )
    def test_it_knows_the_types_that_are_taken(self, content, type):
        assert sniff(content) == sniff(content[:HEAD]) == type

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"x",
            b"\xff\xd8",
            b"\x89PNG\n\r\x1a\n",
            b"RIFF\x00\x00\x00\x00WAVE",
            b"RIFF",
            box(b"ftyp", b"heic"),
            box(b"ftyp", b"avif"),
            box(b"ftyp", b"M4A "),
            box(b"ftyp"),
            b"ftypisom",
            b"GIF89a",
            b"<svg xmlns='http://www.w3.org/2000/svg'>",
            b"<!doctype html>",
            b" " + PNG,
            b"\x1aE\xdf\xa3webm",
        ],
    )
    def test_everything_else_is_unknown(self, content):
        assert sniff(content) == UNKNOWN
