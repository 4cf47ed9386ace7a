"""POST /media/upload: the files, forms and sizes that it refuses."""

import re

import pytest

from apps.accounts.tests.people import outcome, violations
from apps.media.kinds import KINDS, MB
from apps.media.tests.files import FORM, MP4, NAME, PHOTO, PNG, files_in, form, part, send, upload, uploaded

pytestmark = pytest.mark.django_db

NAMES = [
    "photo.png.html", "photo.php.png", "../../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "..", ".", "",
    "x" * 3000, "C:\\a\\b.png", "ü 😀.png", "a%00.png", "a;b.png", "%2e%2e%2fa.png", "-rf", "con",
]  # fmt: skip

NO_TYPE, GIF = "/media/upload", "/media/upload?type=gif"
REQUIRED, NO_CHOICE = [("type", "required")], [("type", "invalid_choice")]
INCOMPLETE = [
    (PHOTO, form(), [("file", "required")]),
    (PHOTO, form(part(PNG, disposition='name="photo"; filename="a.png"')), [("file", "required")]),
    (PHOTO, form(part(b"text", None, 'name="file"')), [("file", "required")]),
    (PHOTO, form(part(PNG), part(PNG)), [("file", "duplicate")]),
    (NO_TYPE, form(part(PNG)), REQUIRED),
    (f"{NO_TYPE}?type=", form(part(PNG)), REQUIRED),
    (f"{NO_TYPE}?type=PHOTO", form(part(PNG)), NO_CHOICE),
    (f"{NO_TYPE}?type=%00", form(part(PNG)), NO_CHOICE),
    (f"{NO_TYPE}?type=%ff", form(part(PNG)), [("type", "null")]),
    (GIF, form(part(PNG)), NO_CHOICE),
    (NO_TYPE, form(), [*REQUIRED, ("file", "required")]),
    (GIF, form(), [*NO_CHOICE, ("file", "required")]),
]
NO_FORMS = [
    b"{}",
    PNG,
    form(part(PNG))[:-20],
    part(PNG),
    form(b"--x---of-a-test---x\r\nContent-Disposition: form-data\n\n"),
    form(part(PNG, disposition='name="file"; filename="a.png"\r\nX-Large: ' + "x" * 9000)),
    form(part(PNG, disposition='name="file"; filename="a.png"\r\nContent-Length: 5')),
    form(*[part(b"x", None, 'name="x"')] * 101),
    form(part(PNG).replace(b"form-data", b"attachment")),
    form(part(PNG).replace(b"a.png", b"\xff\xfe")),
]


class TestFile:
    def test_an_empty_one_is_refused__hc27(self, as_owner, folder):
        answer = upload(as_owner, b"", "text/html")  # of three things that are wrong the first
        assert (answer.status_code, answer.json()) == (400, {"detail": "The file is empty.", "code": "empty_file"})
        assert files_in(folder) == []

    @pytest.mark.parametrize(
        "content", [b"<html>", b"\x00", b"GIF89a" + b"x" * 50, b"%PDF-1.7", b"x" * 50, b"\x89PNG\r\n"]
    )
    def test_wrong_magic_bytes_are_refused__hc27(self, as_owner, folder, content):
        answer = upload(as_owner, content, "image/png")
        assert (answer.status_code, answer.json()) == (
            400,
            {
                "detail": "Invalid image type.",
                "code": "invalid_file_type",
                "allowed_types": ["image/jpeg", "image/jpg", "image/png", "image/webp"],
                "received": "application/octet-stream",
            },
        )
        assert files_in(folder) == []

    @pytest.mark.parametrize(
        ("kind", "content", "declared", "received"),
        [
            ("photo", PNG, "text/html", "text/html"),
            ("photo", PNG, "image/svg+xml", "image/svg+xml"),
            ("photo", PNG, None, "text/plain"),
            ("photo", PNG, "", "text/plain"),
            ("photo", PNG, "x" * 300, "x" * 100),
            ("photo", MP4, "image/png", "video/mp4"),
            ("video", PNG, "video/mp4", "image/png"),
            ("video", MP4, "video/webm", "video/webm"),
            ("avatar", MP4, "video/mp4", "video/mp4"),
        ],
    )
    def test_both_types_are_in_the_list__hc27(self, as_owner, kind, content, declared, received):
        answer = upload(as_owner, content, declared, kind=kind)
        assert outcome(answer) == (400, "invalid_file_type")
        assert answer.json()["received"] == received
        assert answer.json()["allowed_types"] == list(KINDS[kind].types)
        assert answer.json()["detail"] == f"Invalid {'video' if kind == 'video' else 'image'} type."

    def test_nothing_of_its_name_is_used__hc27(self, as_owner, owner, folder):
        made = [uploaded(as_owner, PNG, name=f'name="file"; filename="{name}"')["filename"] for name in NAMES]
        assert [name for name in made if not re.fullmatch(rf"{owner.id}/{NAME}\.png", name)] == []
        assert set(files_in(folder.parent)) == {folder / "darezone-photos" / name for name in made}

    @pytest.mark.parametrize("kind", KINDS)
    def test_exactly_the_limit_is_accepted_and_a_byte_more_is_not__hc27(self, as_owner, settings, folder, kind):
        for name in ("UPLOAD", "VIDEO", "AVATAR"):
            setattr(settings, f"MAX_{name}_SIZE_MB", 1)
        content, declared = (MP4, "video/mp4") if kind == "video" else (PNG, "image/png")
        most = content + bytes(MB - len(content))
        assert uploaded(as_owner, most, declared, kind=kind)["size"] == MB
        answer = upload(as_owner, most + b"x", declared, kind=kind)
        assert (answer.status_code, answer.json()) == (
            400,
            {
                "detail": "File too large: the limit is 1 MB.",
                "code": "file_too_large",
                "max_size_mb": 1,
                "actual_size_mb": 1.1,
            },
        )
        assert [path.stat().st_size for path in files_in(folder)] == [MB]

    @pytest.mark.parametrize(("kind", "limit"), [("photo", 10), ("video", 50), ("avatar", 5)])
    def test_each_kind_has_its_limit__hc27(self, as_owner, kind, limit):
        """What is larger than it may be is told before what it is."""
        answer = upload(as_owner, bytes(limit * MB + MB // 5), "text/html", kind=kind)
        assert outcome(answer) == (400, "file_too_large")
        assert (answer.json()["max_size_mb"], answer.json()["actual_size_mb"]) == (limit, limit + 0.2)


class TestForm:
    def test_all_that_is_wrong_with_it_is_told(self, as_owner, folder):
        assert [violations(send(as_owner, body, path)) for path, body, _ in INCOMPLETE] == [
            one[2] for one in INCOMPLETE
        ]
        assert files_in(folder) == []

    def test_what_is_no_form_is_refused(self, as_owner, folder):
        for body in NO_FORMS:
            answer = send(as_owner, body)
            assert answer.status_code == 422
            assert [(found["loc"], found["type"]) for found in answer.json()["detail"]] == [(["body"], "invalid")], body
        assert files_in(folder) == []

    def test_a_form_needs_its_boundary(self, as_owner):
        for parameter in ("", "; boundary=", "; x=y", "; boundary=\xe4"):
            answer = as_owner.raw("POST", PHOTO, form(part(PNG)), content_type=f"multipart/form-data{parameter}")
            assert outcome(answer) == (422, "validation_error"), parameter

    def test_no_body_at_all_lacks_the_file(self, as_owner):
        assert violations(as_owner.raw("POST", PHOTO, b"", content_type="")) == [("file", "required")]

    def test_another_type_of_body_is_refused_before_it_is_looked_at__hc17(self, as_owner):
        told = {"detail": "Send the file as multipart/form-data.", "code": "unsupported_media_type"}
        for type in (
            "application/json",
            "image/png",
            "",
            "multipart/mixed; boundary=x",
            "application/x-www-form-urlencoded",
        ):
            answer = as_owner.raw("POST", "/media/upload", form(part(PNG)), content_type=type)
            assert (answer.status_code, answer.json()) == (415, told), type

    def test_a_compressed_one_too(self, as_owner):
        assert send(as_owner, form(part(PNG)), headers={"Content-Encoding": "gzip"}).status_code == 415

    def test_other_fields_are_ignored(self, as_owner, folder):
        text = part(b"y" * 3 * MB, None, 'name="note"')
        answer = send(as_owner, form(text, part(PNG), text))
        assert answer.json()["size"] == len(PNG)
        assert len(files_in(folder)) == 1

    def test_a_name_in_the_other_way_of_writing_is_one(self, as_owner):
        assert uploaded(as_owner, name="name=file; filename*=utf-8''%E2%82%AC.png")["size"] == len(PNG)


class TestSize:
    def test_what_is_announced_as_too_large_is_not_read__hc7(self, as_owner):
        sent = {"CONTENT_TYPE": FORM, "CONTENT_LENGTH": str(51 * MB + 1), "wsgi.input": Unread()}
        answer = as_owner.http.generic("POST", "/api/v1/media/upload", headers=as_owner.headers, **sent)
        assert (answer.status_code, answer.json()) == (
            413,
            {"detail": "The body is larger than 53477376 bytes.", "code": "payload_too_large"},
        )

    def test_so_much_is_still_read(self, as_owner, settings):
        settings.LARGEST_BODY_BYTES = len(form(part(PNG)))
        assert upload(as_owner).status_code == 200
        settings.LARGEST_BODY_BYTES -= 1
        assert upload(as_owner).status_code == 413

    def test_who_asks_is_known_first(self, anonymous):
        assert outcome(upload(anonymous, b"x", "text/html", kind="gif")) == (401, "authentication_required")


class Unread:
    def read(self, *size):
        raise AssertionError("it is read")

    readline = read
