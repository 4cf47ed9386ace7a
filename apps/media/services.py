"""Files come and go. No table knows them: a file is there or is not, and its place says whose it is."""

import contextlib
from uuid import UUID, uuid4

from django.core.files import File
from django.core.files.storage import default_storage

from apps.core.fields import parse_uuid
from apps.media import errors
from apps.media.addresses import Place
from apps.media.kinds import MB, Kind, buckets
from apps.media.reception import Received
from apps.media.sniffing import sniff
from apps.media.storage import is_name, or_unavailable


def store_file(*, user_id: UUID, kind: Kind, received: Received) -> Place:
    """Gives what was received a random name, by which everybody may have it from now on."""
    extension = acceptable_extension(kind, received)
    place = Place(kind.bucket, str(user_id), f"{uuid4()}.{extension}")
    received.file.persist()
    try:
        default_storage.save(place.name, received.file)
    except OSError:
        with contextlib.suppress(OSError):  # what could not be moved is copied, perhaps not to its end
            default_storage.delete(place.name)
        raise
    return place


def open_file(place: Place) -> File:
    """Whoever knows a name may read it: a UUID cannot be guessed."""
    if place.bucket not in buckets() or not parse_uuid(place.owner) or not is_name(place.file):
        raise errors.file_not_found()
    with or_unavailable():
        try:
            return default_storage.open(place.name)
        except FileNotFoundError:
            raise errors.file_not_found() from None


def delete_file(*, user_id: UUID, place: Place) -> None:
    if place.bucket not in buckets():
        raise errors.unknown_bucket()
    if place.owner != str(user_id):
        raise errors.not_owner()
    if not (is_name(place.file) and default_storage.exists(place.name)):
        raise errors.file_not_found()
    try:
        default_storage.delete(place.name)
    except FileNotFoundError:
        raise errors.file_not_found() from None


def acceptable_extension(kind: Kind, received: Received) -> str:
    """Raises the first of the contract's three refusals that holds."""
    if received.size == 0:
        raise errors.empty_file()
    if received.size > kind.most:
        # In tenths, rounded up: what is too large never looks as if it were not.
        actual = -(-received.size * 10 // MB) / 10
        sizes = {"max_size_mb": kind.limit_mb, "actual_size_mb": actual}
        raise errors.file_too_large(limit=kind.limit_mb, extra=sizes)
    found = sniff(received.head)
    for type in (received.declared, found):
        if type not in kind.types:
            told = {"allowed_types": list(kind.types), "received": type[:100]}
            raise errors.invalid_file_type(noun=kind.noun, extra=told)
    return kind.types[found]
