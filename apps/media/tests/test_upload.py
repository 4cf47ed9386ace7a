"""POST /media/upload: what it answers and stores."""

import re
from uuid import UUID

import pytest

from apps import testing
from apps.accounts.tests.people import at_once, outcome
from apps.core.tests import openapi
from apps.media import services
from apps.media.kinds import KINDS, MB, PICTURES, VIDEOS
from apps.media.reception import Received
from apps.media.storage import Incoming
from apps.media.tests.files import AVI, JPEG, MOV, MP4, NAME, PNG, WEBP, files_in, upload, uploaded

pytestmark = pytest.mark.django_db


class TestUpload:
    def test_it_works(self, as_owner, owner, folder):
        answer = upload(as_owner, PNG)
        found = answer.json()
        assert answer.status_code == 200
        assert re.fullmatch(rf"{owner.id}/{NAME}\.png", found["filename"])
        assert found == {
            "success": True,
            "url": f"http://testserver/media/darezone-photos/{found['filename']}",
            "filename": found["filename"],
            "size": len(PNG),
            "type": "photo",
            "bucket": "darezone-photos",
        }
        assert files_in(folder) == [folder / "darezone-photos" / found["filename"]]
        assert (folder / "darezone-photos" / found["filename"]).read_bytes() == PNG

    @pytest.mark.parametrize(
        ("kind", "bucket", "declared", "content", "extension"),
        [
            ("photo", "darezone-photos", "image/jpeg", JPEG, "jpg"),
            ("photo", "darezone-photos", "image/jpg", JPEG, "jpg"),
            ("photo", "darezone-photos", "image/webp", WEBP, "webp"),
            ("photo", "darezone-photos", "IMAGE/PNG; charset=binary", PNG, "png"),
            ("avatar", "darezone-avatars", "image/png", PNG, "png"),
            ("video", "darezone-videos", "video/mp4", MP4, "mp4"),
            ("video", "darezone-videos", "video/quicktime", MOV, "mov"),
            ("video", "darezone-videos", "video/x-msvideo", AVI, "avi"),
            ("video", "darezone-videos", "video/avi", AVI, "avi"),
            # What it really is decides.
            ("photo", "darezone-photos", "image/png", JPEG, "jpg"),
            ("video", "darezone-videos", "video/mp4", MOV, "mov"),
        ],
    )
    def test_it_takes_every_type_of_the_list(self, as_owner, kind, bucket, declared, content, extension):
        found = uploaded(as_owner, content, declared, kind=kind)
        assert (found["type"], found["bucket"], found["size"]) == (kind, bucket, len(content))
        assert found["filename"].endswith(f".{extension}") and found["url"].endswith(f"{bucket}/{found['filename']}")

    def test_every_byte_is_stored(self, as_owner, folder):
        content = PNG + bytes(range(256)) * 1000 + b"\r\n--x---of-a-test\r\n--\r\n" + b"\r" * 70_000
        assert uploaded(as_owner, content)["size"] == len(content)
        assert files_in(folder)[0].read_bytes() == content

    def test_the_address_begins_with_the_public_one(self, as_owner, settings):
        settings.PUBLIC_BASE_URL = "https://api.example.com"
        found = uploaded(as_owner)
        assert found["url"] == f"https://api.example.com/media/darezone-photos/{found['filename']}"

    def test_buckets_have_the_names_that_they_are_given(self, as_owner, settings):
        settings.STORAGE_BUCKET_AVATARS = "faces"
        found = uploaded(as_owner, kind="avatar")
        assert found["bucket"] == "faces" and "/media/faces/" in found["url"]
        assert testing.Api().http.get(found["url"]).getvalue() == PNG

    def test_check_ins_and_profiles_take_the_address(self, as_owner, challenge):
        photo, video = uploaded(as_owner)["url"], uploaded(as_owner, MP4, "video/mp4", kind="video")["url"]
        body = {"challenge_id": str(challenge.id), "habit_id": str(testing.HABITS[0])}
        done = as_owner.post("/checkins", body | {"photo_url": photo, "video_url": video})
        assert (done.status_code, done.json()["checkin"]["photo_url"]) == (201, photo)
        assert done.json()["checkin"]["video_url"] == video
        avatar = uploaded(as_owner, kind="avatar")["url"]
        assert as_owner.patch("/users/me", {"avatar_url": avatar}).json()["avatar_url"] == avatar

    def test_two_at_once_are_two_files(self, as_owner, folder):
        """Of the same bytes; the receiving is what runs side by side."""
        answers = at_once(*[lambda: received_by_storage(folder)] * 8)
        assert len(set(answers)) == 8 == len(files_in(folder))

    def test_it_has_a_limit_of_its_own(self, as_owner, settings):
        settings.THROTTLE_ENABLED, settings.THROTTLE_MEDIA = True, 2
        url = uploaded(as_owner)["url"]
        assert as_owner.delete(f"/media?url={url}").status_code == 200
        assert outcome(upload(as_owner)) == (429, "throttled")
        assert outcome(as_owner.delete(f"/media?url={url}")) == (429, "throttled")
        assert as_owner.get("/users/me").status_code == 200
        assert testing.Api().http.get(url).status_code == 404  # looking is not counted


class TestDocument:
    def test_it_tells_of_the_form_and_of_the_refusals(self):
        described = openapi.operation("POST", "/api/v1/media/upload")
        form_of_it = described["requestBody"]["content"]["multipart/form-data"]
        assert form_of_it["encoding"]["file"]["contentType"].split(", ") == [*PICTURES, *VIDEOS]
        told = described["responses"]["400"]["content"]["application/json"]["examples"].values()
        examples = [example["value"] for example in told]
        assert [example["code"] for example in examples] == ["empty_file", "file_too_large", "invalid_file_type"]
        assert [set(example) - {"detail", "code"} for example in examples] == [
            set(),
            {"max_size_mb", "actual_size_mb"},
            {"allowed_types", "received"},
        ]

    def test_a_file_is_bytes_of_its_type(self):
        answers = openapi.operation("GET", "/media/<bucket>/<user_id>/<file>")["responses"]
        types = {"image/jpeg", "image/png", "image/webp", "video/mp4", "video/quicktime", "video/x-msvideo"}
        assert set(answers["200"]["content"]) == set(answers["206"]["content"]) == types


def received_by_storage(folder):
    with Incoming() as file:
        received = Received(file, 10 * MB, "image/png")
        received.take(PNG)
        place = services.store_file(user_id=UUID(int=1), kind=KINDS["photo"], received=received)
    assert (folder / place.name).read_bytes() == PNG
    return place.name
