"""DELETE /media?url=."""

from urllib.parse import quote
from uuid import uuid4

import pytest

from apps import testing
from apps.accounts.tests.people import at_once, outcome, violations
from apps.core.errors import ApiError
from apps.media import services
from apps.media.addresses import place_of
from apps.media.tests.files import files_in, uploaded

pytestmark = pytest.mark.django_db

ROOT = "http://testserver/media/"
FILE = f"{uuid4()}.png"

NOT_OURS = [
    "x",
    "/media/darezone-photos/{id}/{file}",
    "//testserver/media/darezone-photos/{id}/{file}",
    "https://testserver/media/darezone-photos/{id}/{file}",
    "http://testserver:8000/media/darezone-photos/{id}/{file}",
    "http://testserver.evil.example/media/darezone-photos/{id}/{file}",
    "http://evil.example/media/darezone-photos/{id}/{file}",
    "http://testserver@evil.example/media/darezone-photos/{id}/{file}",
    "http://a:b@testserver/media/darezone-photos/{id}/{file}",
    "http://testserver/files/darezone-photos/{id}/{file}",
    "http://testserver/media/darezone-photos/{id}",
    "http://testserver/media/darezone-photos/{id}/",
    "http://testserver/media/darezone-photos/{id}/{file}/",
    "http://testserver/media/darezone-photos/{id}/{file}/x",
    "http://testserver/media/darezone-photos//{id}/{file}",
    "http://testserver/media/darezone-photos/../{file}",
    "http://testserver/media/darezone-photos/{id}/..",
    "http://testserver/media/darezone-photos/{id}/../{id}/{file}",
    "http://testserver/media/darezone-photos/x/../{id}/{file}",
    "http://testserver/media/darezone-photos/..%2F{id}/{file}",
    "http://testserver/media/darezone-photos/%2e%2e/{file}",
    "http://testserver/media/darezone-photos/{id}%2F{file}/x",
    "http://testserver/media/../media/darezone-photos/{id}/{file}",
    "http://testserver/media/darezone-photos/{id}/{file}?x=1",
    "http://testserver/media/darezone-photos/{id}/{file}#x",
    "http://testserver/media/",
    "http://testserver",
    "http://[::1/media/darezone-photos/{id}/{file}",
    "javascript:alert(1)",
    "file:///media/darezone-photos/{id}/{file}",
    "http:\\\\testserver\\media\\darezone-photos\\{id}\\{file}",
]


def delete(api: testing.Api, url: str):
    return api.delete(f"/media?url={quote(url, safe='')}")


class TestDelete:
    def test_it_works(self, as_owner, folder):
        found = uploaded(as_owner)
        answer = delete(as_owner, found["url"])
        assert (answer.status_code, answer.json()) == (
            200,
            {"success": True, "message": "File deleted.", "bucket": found["bucket"], "path": found["filename"]},
        )
        assert files_in(folder) == []
        assert testing.Api().http.get(found["url"]).status_code == 404

    def test_it_deletes_nothing_else(self, as_owner, folder):
        kept, other = uploaded(as_owner), uploaded(as_owner)
        delete(as_owner, other["url"])
        assert files_in(folder) == [folder / kept["bucket"] / kept["filename"]]

    def test_a_second_time_there_is_nothing(self, as_owner):
        url = uploaded(as_owner)["url"]
        assert delete(as_owner, url).status_code == 200
        assert outcome(delete(as_owner, url)) == (404, "file_not_found")

    def test_the_host_may_be_written_in_capitals(self, as_owner):
        assert (
            delete(as_owner, uploaded(as_owner)["url"].replace("http://testserver", "HTTP://TestServer")).status_code
            == 200
        )

    def test_the_path_may_be_encoded_once(self, as_owner):
        assert delete(as_owner, uploaded(as_owner)["url"].replace("-", "%2D")).status_code == 200

    def test_of_two_at_once_one_has_deleted_it(self, as_owner, owner, folder):
        """A hundred files, each by two."""
        for _ in range(100):
            place = place_of(uploaded(as_owner)["url"], ROOT)
            answers = at_once(*[lambda place=place: deleting(owner.id, place)] * 2)
            assert sorted(answers) == [200, 404]
        assert files_in(folder) == []


class TestAccess:
    def test_it_is_its_owners_alone__hc26(self, as_owner, owner, member, outsider, anonymous, folder):
        url = uploaded(as_owner)["url"]
        staff = testing.make_user(is_staff=True, is_superuser=True)
        gone = testing.make_user(is_active=False)
        for user in (member, outsider, staff):
            answer = delete(testing.Api(user), url)
            assert outcome(answer) == (403, "not_owner")
            assert answer.json()["detail"] == "You can only delete your own files."
        assert outcome(delete(testing.Api(gone), url)) == (401, "invalid_token")
        assert outcome(delete(anonymous, url)) == (401, "authentication_required")
        assert len(files_in(folder)) == 1

    def test_whose_it_is_comes_before_whether_it_is(self, as_outsider, owner):
        assert outcome(delete(as_outsider, f"{ROOT}darezone-photos/{owner.id}/{FILE}")) == (403, "not_owner")

    @pytest.mark.parametrize(
        "change", [str.upper, lambda id: id.replace("-", ""), lambda id: f" {id}", lambda id: f"{{{id}}}"]
    )
    def test_the_owner_is_written_exactly(self, as_owner, owner, change):
        url = f"{ROOT}darezone-photos/{change(str(owner.id))}/{FILE}"
        assert outcome(delete(as_owner, url)) == (403, "not_owner")


class TestAddress:
    @pytest.mark.parametrize("url", ["", None])
    def test_it_is_required(self, as_owner, url):
        assert violations(as_owner.delete("/media" if url is None else "/media?url=")) == [("url", "required")]

    @pytest.mark.parametrize(
        ("url", "type"), [("%00", "invalid"), ("http://a%00", "invalid"), ("%FF", "null"), ("x" * 2049, "max_length")]
    )
    def test_it_is_text(self, as_owner, url, type):
        assert violations(as_owner.delete(f"/media?url={url}")) == [("url", type)]

    def test_what_is_none_of_ours_is_told_so(self, as_owner, owner, folder):
        file = uploaded(as_owner)["filename"].partition("/")[2]
        told = {"detail": "This is not a DareZone media URL.", "code": "not_a_storage_url"}
        answers = {url: delete(as_owner, url.format(id=owner.id, file=file)) for url in NOT_OURS}
        assert {url: answer.json() for url, answer in answers.items()} == dict.fromkeys(NOT_OURS, told)
        assert {answer.status_code for answer in answers.values()} == {400}
        assert len(files_in(folder)) == 1

    def test_with_a_public_address_only_that_one_is_ours(self, as_owner, settings):
        settings.PUBLIC_BASE_URL = "https://api.example.com"
        url = uploaded(as_owner)["url"]
        other = url.replace("https://api.example.com", "http://testserver")
        assert outcome(delete(as_owner, other)) == (400, "not_a_storage_url")
        assert delete(as_owner, url).status_code == 200

    @pytest.mark.parametrize("bucket", ["x", "DAREZONE-PHOTOS", ".incoming", "darezone-photos ", "%2e%2e"])
    def test_then_whether_there_is_such_a_bucket(self, as_outsider, owner, bucket):
        """One percent sign more is not taken for a dot: it is a bucket of a strange name."""
        url = f"{ROOT}{quote(bucket)}/{owner.id}/{FILE}"
        assert outcome(delete(as_outsider, url)) == (400, "unknown_bucket")

    def test_then_whether_there_is_such_a_file(self, as_owner, owner, folder):
        kept = uploaded(as_owner)["filename"].partition("/")[2]
        near = [
            FILE,
            kept.replace(".png", ".jpg"),
            kept[:-4],
            f"{kept}.html",
            kept.upper(),
            "x",
            "%00",
            "%252e",
            "%5C..",
            "ü",
        ]
        for file in near:
            answer = delete(as_owner, f"{ROOT}darezone-photos/{owner.id}/{file}")
            assert outcome(answer) == (404, "file_not_found"), file
        assert len(files_in(folder)) == 1


def deleting(user_id, place):
    try:
        services.delete_file(user_id=user_id, place=place)
    except ApiError as error:
        return error.status_code
    return 200
