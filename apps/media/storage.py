"""Where files are kept: Django's storage API, so that settings.STORAGES may name another one (docs/media.md)."""

import contextlib
import logging
import os
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage

from apps.core.errors import service_unavailable

LEFT_BEHIND_SECONDS = 3600  # no upload takes that long: its process was killed
NAME = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(?:jpg|png|webp|mp4|mov|avi)", re.ASCII)
logger = logging.getLogger("darezone.media")


class FileStorage(FileSystemStorage):
    """Files below MEDIA_ROOT."""

    def delete(self, name: str) -> None:
        """Raises FileNotFoundError, which the stock one hides: of two deletes at once one has deleted nothing."""
        os.remove(self.path(name))

    def incoming(self) -> Path:
        """On the disk of the files, so that what is moved from here appears among them at once and whole."""
        folder = Path(self.path(".incoming"))
        folder.mkdir(parents=True, exist_ok=True)
        remove_what_was_left_behind(folder)
        return folder


class Incoming(File):
    """A temporary file. The storage moves it to where it belongs, or it is gone when it is closed."""

    def __init__(self):
        folder = default_storage.incoming() if hasattr(default_storage, "incoming") else None
        super().__init__(tempfile.NamedTemporaryFile(dir=folder))  # noqa: SIM115 - closed below

    def temporary_file_path(self) -> str:
        """How a FileSystemStorage knows that it may move the file."""
        return self.file.name

    def persist(self) -> None:
        """The disk has the bytes before it has the name: a loss of power leaves no empty file."""
        self.file.flush()
        os.fsync(self.file.fileno())

    def close(self) -> None:
        with contextlib.suppress(FileNotFoundError):  # it was moved
            self.file.close()


def is_name(file: str) -> bool:
    """Nothing else was ever stored, so nothing else is looked for: no path leads out of a folder."""
    return NAME.fullmatch(file) is not None


@contextlib.contextmanager
def or_unavailable() -> Iterator[None]:
    """A full, read-only or missing disk is 503."""
    try:
        yield
    except OSError as error:
        logger.error("Files cannot be stored or read: %s", error.strerror or type(error).__name__)
        raise service_unavailable() from error


def remove_what_was_left_behind(folder: Path) -> None:
    """By processes that could not. There are as many files as there are uploads at this moment."""
    before = time.time() - LEFT_BEHIND_SECONDS
    for entry in os.scandir(folder):
        with contextlib.suppress(FileNotFoundError):  # it has just arrived
            if entry.stat().st_mtime < before:
                os.remove(entry)
