"""What the cache keeps: a value as bytes, under the tokens that it was made under."""

import hashlib
import random
import struct
import zlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from apps.core.cache_numbers import FILLS

# Checksum of the rest, last second, digest of the tokens, ETag; then the body.
HEAD = struct.Struct(">Id16s16s")
CHECKED = 4


class Kind(NamedTuple):
    """What is cached, and for how long at most."""

    name: str
    seconds: int


class Key(NamedTuple):
    """One entry: `parameters` tell it from others of its kind, `tokens` are what it depends on."""

    kind: Kind
    parameters: str
    tokens: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{settings.CACHE_PREFIX}v:{schema()}:{self.kind.name}:{self.parameters}"


class Fresh(NamedTuple):
    """What was just loaded, and when it stops being true by the clock alone."""

    body: bytes
    until: datetime | None = None


class Value(NamedTuple):
    body: bytes
    etag: str
    """Without quotes."""


class Entry(NamedTuple):
    """A value as it is stored."""

    bytes: bytes
    milliseconds: int


def entry(key: Key, value: Value, until: datetime | None, stamp: bytes, *, since: datetime) -> Entry | None:
    """None for what would be too old at once. `since`: when the database had not been read yet."""
    seconds = key.kind.seconds * random.uniform(0.9, 1)  # noqa: S311 - so that entries do not expire together
    if until:
        seconds = min(seconds, (until - since).total_seconds())
    if seconds < 1:
        return None
    FILLS.labels(key.kind.name).inc()
    return Entry(closed(value, stamp, since.timestamp() + seconds), int(seconds * 1000))


def valued(body: bytes) -> Value:
    return Value(body, digest(body).hex())


def closed(value: Value, stamp: bytes, last: float) -> bytes:
    """A value as it is stored."""
    rest = HEAD.pack(0, last, stamp, bytes.fromhex(value.etag))[CHECKED:] + value.body
    return zlib.crc32(rest).to_bytes(CHECKED) + rest


def opened(stored: bytes, stamp: bytes, now: float) -> Value | None:
    """A stored value; None for one that is rubbish, too old or made under other tokens."""
    if len(stored) < HEAD.size:
        return None
    checksum, last, made_under, etag = HEAD.unpack_from(stored)
    if made_under != stamp or now >= last or zlib.crc32(memoryview(stored)[CHECKED:]) != checksum:
        return None
    return Value(stored[HEAD.size :], etag.hex())


@cache
def schema() -> str:
    """Differs between two versions of the code: neither reads what the other has stored."""
    sources = sorted(Path(settings.BASE_DIR, "apps").rglob("*.py"))
    code = b"".join(path.read_bytes() for path in sources if "tests" not in path.parts)
    return digest(code).hex()[:12]


def digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()
