"""The disk is full, away or not ours; the client or the server goes away in between. Nothing is left behind."""

import errno
import os
import resource
from contextlib import contextmanager

import pytest
from django.test.client import FakePayload

from apps.accounts.tests.people import outcome
from apps.media.kinds import MB
from apps.media.storage import LEFT_BEHIND_SECONDS
from apps.media.tests.files import FORM, PHOTO, PNG, files_in, form, part, upload, uploaded

pytestmark = pytest.mark.django_db


@contextmanager
def no_file_larger_than(size: int):
    """The kernel refuses to write on, as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.breaks
class TestDisk:
    @pytest.mark.parametrize("size", [MB, 3 * MB])
    def test_a_full_one_is_503(self, as_owner, folder, size):
        """While the file arrives, and at its end."""
        with no_file_larger_than(size - 10):
            answer = upload(as_owner, PNG + bytes(size - len(PNG)))
        assert outcome(answer) == (503, "service_unavailable")
        assert answer["Retry-After"] == "1"
        assert files_in(folder) == []
        assert upload(as_owner).status_code == 200

    @pytest.mark.parametrize("place", ["", ".incoming", "darezone-photos"])
    def test_a_folder_that_cannot_be_made_is_503(self, as_owner, folder, place):
        if place:
            folder.mkdir()
        (folder / place).write_bytes(b"not a folder")
        answer = upload(as_owner)
        assert outcome(answer) == (503, "service_unavailable")
        assert files_in(folder.parent) == [folder / place]

    def test_half_a_file_is_not_left_where_it_belongs(self, as_owner, folder, monkeypatch):
        """A file that cannot be moved is copied, until there is no room."""

        def rename(*paths):
            resource.setrlimit(resource.RLIMIT_FSIZE, (MB, limit))
            raise OSError(errno.EXDEV, "Another disk")

        limit = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        monkeypatch.setattr("os.rename", rename)
        with no_file_larger_than(limit):
            assert outcome(upload(as_owner, PNG + bytes(2 * MB))) == (503, "service_unavailable")
        assert files_in(folder) == []

    def test_what_cannot_be_read_or_removed_is_503(self, as_owner, folder, anonymous, monkeypatch):
        url = uploaded(as_owner)["url"]
        monkeypatch.setattr("builtins.open", failing)
        assert outcome(anonymous.http.get(url)) == (503, "service_unavailable")
        monkeypatch.undo()
        monkeypatch.setattr("os.remove", failing)
        assert outcome(as_owner.delete(f"/media?url={url}")) == (503, "service_unavailable")
        monkeypatch.undo()
        assert as_owner.delete(f"/media?url={url}").status_code == 200


class TestLeftBehind:
    @pytest.mark.parametrize("sent", [50, 120, 160])
    def test_a_body_that_ends_too_early_leaves_nothing(self, as_owner, folder, sent):
        body = form(part(PNG))
        answer = sending(as_owner, Short(body[:sent]), len(body))
        assert outcome(answer) == (422, "validation_error")
        assert files_in(folder) == []

    def test_a_client_that_is_gone_leaves_nothing(self, as_owner, folder):
        answer = sending(as_owner, Broken(form(part(PNG))[:150]), 5000)
        assert outcome(answer) == (422, "validation_error")
        assert files_in(folder) == []

    def test_what_a_killed_server_has_left_is_removed_by_later_uploads(self, as_owner, folder):
        incoming = folder / ".incoming"
        incoming.mkdir(parents=True)
        for name, age in (("old", LEFT_BEHIND_SECONDS + 60), ("new", LEFT_BEHIND_SECONDS - 60)):
            (incoming / name).write_bytes(b"half a file")
            seconds = (incoming / name).stat().st_mtime - age
            os.utime(incoming / name, (seconds, seconds))
        uploaded(as_owner)
        assert [path.name for path in files_in(incoming)] == ["new"]


class Short(FakePayload):
    """As a server says that there is no more."""

    def read(self, size=None, /):
        return super().read(min(size or len(self), len(self)))


class Broken(Short):
    def read(self, size=None, /):
        if len(self) == 0:
            raise ConnectionResetError
        return super().read(size)


def sending(api, body, length):
    environ = {"CONTENT_TYPE": FORM, "CONTENT_LENGTH": str(length), "wsgi.input": body}
    return api.http.generic("POST", f"/api/v1{PHOTO}", headers=api.headers, **environ)


def failing(*args, **kwargs):
    raise PermissionError(13, "Permission denied")
