"""GET /media/<bucket>/<user_id>/<file>."""

from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.test import Client

from apps.media.tests.files import AVI, JPEG, MOV, MP4, PNG, WEBP, uploaded

pytestmark = pytest.mark.django_db

KEPT = "public, max-age=31536000, immutable"

PARTS = {
    "bytes=0-1": (0, 1),
    "bytes=0-0": (0, 0),
    "bytes=5-": (5, 32),
    "bytes=-3": (30, 32),
    "bytes=10-999": (10, 32),
    "bytes=32-32": (32, 32),
}
# Some name none, some one that it does not have, some all of it.
NO_PARTS = [
    "bytes=33-", "bytes=5-4", "bytes=-0", "bytes=-", "bytes=0-1,3-4", "bytes=a-b", "bits=0-1", "",
    "bytes=-" + "9" * 5000, "bytes=٣-٤", "bytes=0-", "bytes=-99",
]  # fmt: skip
ELSEWHERE = [
    lambda path: path.replace("darezone-photos", "darezone-videos"),
    lambda path: path.replace("darezone-photos", "."),
    lambda path: path.replace("darezone-photos", ".incoming"),
    lambda path: path.replace(".png", ".jpg"),
    lambda path: path.replace(".png", ".png.html"),
    lambda path: path.replace(".png", ""),
    lambda path: path.replace(".png", ".png%00"),
    lambda path: path.upper().replace("/MEDIA", "/media"),
    lambda path: path.replace("/media/", "/media/../media/"),
    lambda path: path.replace("darezone-photos/", "darezone-photos/../darezone-photos/"),
    lambda path: path.replace("darezone-photos/", "darezone-photos%2f..%2f"),
    lambda path: path.replace("darezone-photos", "%2e%2e"),
    lambda path: "/media/darezone-photos/../../settings.py",
    lambda path: "/media/darezone-photos/%2e%2e/%2e%2e",
    lambda path: "/media//etc/passwd",
    lambda path: "/media/darezone-photos/..%5c..%5cboot.ini/x",
    lambda path: path.rpartition("/")[0],
    lambda path: path.rpartition("/")[0] + "/",
    lambda path: "/media/darezone-photos",
    lambda path: "/media/darezone-photos/",
    lambda path: "/media/",
    lambda path: "/media",
]


@pytest.fixture
def path(as_owner):
    return urlsplit(uploaded(as_owner)["url"]).path


@pytest.fixture
def browser():
    return Client(raise_request_exception=False)


class TestFile:
    def test_it_works(self, browser, path):
        answer = browser.get(path)
        assert (answer.status_code, answer.getvalue()) == (200, PNG)
        assert answer["Content-Type"] == "image/png"
        assert answer["Content-Length"] == str(len(PNG))
        assert answer["Cache-Control"] == KEPT
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Accept-Ranges"] == "bytes"
        assert answer["X-Request-ID"] and answer["X-Process-Time"]
        assert not answer.has_header("Content-Disposition")

    @pytest.mark.parametrize(
        ("kind", "declared", "content", "served"),
        [
            ("photo", "image/png", JPEG, "image/jpeg"),
            ("avatar", "image/webp", WEBP, "image/webp"),
            ("video", "video/mp4", MP4, "video/mp4"),
            ("video", "video/mp4", MOV, "video/quicktime"),
            ("video", "video/avi", AVI, "video/x-msvideo"),
        ],
    )
    def test_its_type_is_the_one_that_it_has(self, browser, as_owner, kind, declared, content, served):
        answer = browser.get(uploaded(as_owner, content, declared, kind=kind)["url"])
        assert (answer.getvalue(), answer["Content-Type"]) == (content, served)

    def test_a_large_one_comes_in_pieces(self, browser, as_owner):
        content = PNG + bytes(range(256)) * 4000
        answer = browser.get(uploaded(as_owner, content)["url"])
        pieces = list(answer)
        assert len(pieces) == 16 and b"".join(pieces) == content

    def test_it_answers_to_whatever_a_page_accepts(self, browser, path):
        for accept in ("image/*", "image/avif,image/webp", "text/html", "*/*", ""):
            assert browser.get(path, headers={"Accept": accept}).getvalue() == PNG

    def test_it_needs_no_token_and_ignores_one(self, browser, path):
        for header in ("Bearer stale", "Basic x", ""):
            assert browser.get(path, headers={"Authorization": header}).getvalue() == PNG

    def test_it_answers_with_a_slash_behind_it(self, browser, path):
        assert browser.get(f"{path}/").getvalue() == PNG

    def test_our_pages_may_read_it(self, browser, path):
        answer = browser.get(path, headers={"Origin": "http://localhost:3000"})
        assert answer.getvalue() and answer["Access-Control-Allow-Origin"] == "http://localhost:3000"

    def test_head_is_the_same_without_the_bytes__hc20(self, browser, path):
        answer = browser.head(path)
        assert (answer.status_code, answer.content, answer["Content-Length"]) == (200, b"", str(len(PNG)))
        assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/png", KEPT)

    def test_it_is_only_read__hc20(self, browser, path):
        for method in ("POST", "PUT", "DELETE", "PATCH", "TRACE"):
            answer = browser.generic(method, path)
            assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
            assert answer["Allow"] == "GET, HEAD, OPTIONS"

    def test_who_has_it_is_told_so(self, browser, path):
        etag = browser.head(path)["ETag"]
        answer = browser.get(path, headers={"If-None-Match": etag})
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", etag)
        assert answer["Cache-Control"] == KEPT and not answer.has_header("Content-Type")
        assert browser.get(path, headers={"If-None-Match": '"other"'}).getvalue() == PNG


class TestMissing:
    @pytest.mark.parametrize("accept", ["image/*", "application/json"])
    def test_it_is_told_in_json(self, browser, owner, accept):
        answer = browser.get(f"/media/darezone-photos/{owner.id}/{uuid4()}.png", headers={"Accept": accept})
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")
        assert answer.json() == {"detail": "File not found.", "code": "file_not_found"}
        assert "immutable" not in answer.get("Cache-Control", "")

    def test_no_other_path_leads_to_anything(self, browser, path):
        """No folder is listed."""
        for number, change in enumerate(ELSEWHERE):
            answer = browser.get(change(path))
            assert answer.status_code == 404, number
            assert answer.json()["code"] in ("file_not_found", "not_found")


class TestRange:
    def test_a_part_is_sent(self, browser, path):
        for asked, (first, last) in PARTS.items():
            answer = browser.get(path, headers={"Range": asked})
            assert (answer.status_code, answer.getvalue()) == (206, PNG[first : last + 1]), asked
            assert answer["Content-Range"] == f"bytes {first}-{last}/{len(PNG)}"
            assert answer["Content-Length"] == str(last - first + 1)
            assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/png", KEPT)

    def test_otherwise_the_whole(self, browser, path):
        for asked in NO_PARTS:
            answer = browser.get(path, headers={"Range": asked})
            assert (answer.status_code, answer.getvalue()) == (200, PNG), asked

    def test_of_another_file_than_one_has_the_whole(self, browser, path):
        etag = browser.head(path)["ETag"]
        for condition, status in ((etag, 206), ('"other"', 200)):
            answer = browser.get(path, headers={"Range": "bytes=0-1", "If-Range": condition})
            assert answer.getvalue() and answer.status_code == status
