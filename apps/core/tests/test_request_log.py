"""One line a request, with its cost and without its secrets."""

import json
import logging
from uuid import UUID

import pytest
from django.db import IntegrityError

from apps import testing
from apps.core import logs, request_log
from apps.core.routes import NO_ROUTE

pytestmark = pytest.mark.django_db
ID = UUID(int=7)
SECRETS = ("eyJ", "Bearer", "hunter2-secret", "kim@example.com", "kim%40example.com", "192.0.2.77", "needle")


@pytest.fixture
def lines(settings, capfd):
    """Called: what production would have logged since, one object a line."""
    settings.LOG_FORMAT = "json"
    capfd.readouterr()
    return lambda: [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]


class TestLine:
    def test_it_works(self, as_owner, challenge, lines):
        as_owner.get(f"/challenges/{challenge.id}", headers={"X-Request-ID": "abc-1"})
        (line,) = lines()
        assert line["time"].endswith("Z")
        assert (line["level"], line["logger"], line["message"]) == ("INFO", "darezone.requests", "request")
        assert (line["method"], line["route"]) == ("GET", "/api/v1/challenges/<challenge_id>")
        assert (line["status"], line["request_id"]) == (200, "abc-1")
        assert line["ms"] >= line["db_ms"] > 0
        assert (line["cache_hits"], line["cache_misses"]) == (0, 1)

    def test_it_counts_statements_and_the_cache(self, as_owner, lines):
        as_owner.get("/users/me")
        as_owner.get("/users/me")
        cold, warm = lines()
        assert (cold["db_count"], cold["cache_hits"], cold["cache_misses"]) == (2, 0, 2)
        assert cold["cache_trips"] >= 2
        assert (warm["db_count"], warm["cache_hits"], warm["cache_misses"], warm["cache_trips"]) == (0, 2, 0, 1)
        assert warm["db_ms"] == 0

    def test_it_counts_what_another_thread_does_for_the_request(self, anonymous, lines):
        anonymous.get("/health/ready")
        assert [line["db_count"] for line in lines()] == [1]

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/api/v1/habits", 200),
            ("GET", "/api/v1/nothing", 404),
            ("PUT", "/api/v1/habits", 405),
            ("GET", "/api/v1/challenges?limit=0", 422),
            ("OPTIONS", "/api/v1/habits", 204),
        ],
    )
    def test_there_is_one_for_every_answer(self, as_owner, lines, caplog, method, path, status):
        assert as_owner.raw(method, path).status_code == status
        assert [line["status"] for line in lines()] == [status]
        assert caplog.records == []  # what would come beside it

    def test_there_is_one_for_a_foreign_host_and_for_huge_headers(self, anonymous, lines):
        anonymous.get("/habits", headers={"Host": "evil.example"})
        anonymous.get("/habits", headers={"X-Large": "x" * 100_000})
        assert [(line["status"], line["route"]) for line in lines()] == [(400, NO_ROUTE), (431, NO_ROUTE)]

    def test_it_is_readable_in_development(self, as_owner, settings, capfd, caplog):
        with caplog.at_level("INFO", "darezone.requests"):
            as_owner.get("/habits")
        text = logs.ConsoleFormatter("%(name)s: %(message)s").format(caplog.records[-1])
        assert text.startswith("darezone.requests: request method=GET route=/api/v1/habits status=200 ms=")

    def test_it_is_not_made_when_nobody_wants_it(self, as_owner, lines):
        logger = logging.getLogger("darezone.requests")
        logger.setLevel("WARNING")
        try:
            as_owner.get("/habits")
        finally:
            logger.setLevel(logging.NOTSET)
        assert lines() == []


@pytest.mark.breaks
class TestFailure:
    def test_it_has_its_traceback_once(self, as_owner, lines, caplog, monkeypatch):
        monkeypatch.setattr("apps.challenges.views.habits.HabitListView.get", broken)
        assert as_owner.get("/habits").status_code == 500
        assert [line["status"] for line in lines()] == [500]
        assert [record.name for record in caplog.records if record.exc_info] == ["darezone.errors"]
        assert [record.name for record in caplog.records if record.name != "darezone.cache"] == ["darezone.errors"]

    def test_it_has_its_traceback_once_outside_of_the_api(self, anonymous, lines, caplog, monkeypatch):
        monkeypatch.setattr("apps.core.middleware.take_one_trailing_slash", broken)
        assert anonymous.get("/habits").status_code == 500
        assert [line["status"] for line in lines()] == [500]
        assert [record.name for record in caplog.records if record.exc_info] == ["django.request"]


def broken(*args, **kwargs):
    raise ValueError("broken on purpose")


class TestRoute:
    @pytest.mark.parametrize(
        ("path", "route"),
        [
            ("/", "/"),
            ("/api/v1", "/api/v1"),
            ("/api/v1/challenges/", "/api/v1/challenges"),
            (f"/api/v1/challenges/{ID}/members/{ID}", "/api/v1/challenges/<challenge_id>/members/<user_id>"),
            ("/admin/accounts/user/7/change/", "/admin/accounts/user/<object_id>/change/"),
            ("/nothing/7", NO_ROUTE),
            ("/api/v1/nothing/7", NO_ROUTE),
        ],
    )
    def test_it_is_the_pattern_and_never_the_path(self, as_owner, lines, path, route):
        as_owner.http.get(path)
        assert [line["route"] for line in lines()] == [route]

    def test_methods_are_few(self, as_owner, lines):
        as_owner.raw("PROPFIND", "/habits")
        assert [line["method"] for line in lines()] == ["other"]


class TestUser:
    def test_it_is_the_same_for_one_and_differs_between_two(self, as_owner, as_member, lines):
        as_owner.get("/habits")
        as_owner.get("/challenges")
        as_member.get("/habits")
        first, second, other = [line["user"] for line in lines()]
        assert first == second != other
        assert len(first) == 16

    def test_nobody_finds_it_without_the_key(self, owner):
        assert request_log.hashed(owner.id.bytes, "one key") != request_log.hashed(owner.id.bytes, "another")

    def test_it_is_nobody_without_a_token(self, anonymous, lines):
        anonymous.get("/habits")
        assert [line["user"] for line in lines()] == [None]

    def test_it_is_the_staff_member_on_a_page_of_staff(self, lines):
        browser = testing.staff_client()
        lines()
        browser.get("/admin/")
        assert [len(line["user"]) for line in lines()] == [16]

    def test_it_is_not_looked_up_for_the_log(self, anonymous, lines):
        anonymous.http.get("/admin/login/")
        assert [line["db_count"] for line in lines()] == [0]


class TestSecrets:
    def test_the_line_has_none(self, anonymous, as_owner, capfd, settings):
        settings.LOG_FORMAT = "json"
        body = {"email": "kim@example.com", "password": "hunter2-secret"}
        anonymous.post("/auth/login", body, headers={"X-Forwarded-For": "192.0.2.77"})
        as_owner.get("/users/search", {"q": "needle"}, REMOTE_ADDR="192.0.2.77")
        as_owner.get("/users/search", {"q": "kim@example.com", "limit": "hunter2-secret"})
        as_owner.get(f"/users/{as_owner.user.id}")
        logged = capfd.readouterr().err
        assert logged.count('"message":"request"') == 4
        assert [secret for secret in (*SECRETS, str(as_owner.user.id)) if secret in logged] == []

    @pytest.mark.parametrize(
        "text",
        [
            "Key (email)=(kim@example.com) already exists.",
            "violates unique constraint\nDETAIL:  Key (name)=(hunter2-secret) already exists.",
            "violates check constraint\nDETAIL:  Failing row contains (7, a bio\n\nof hunter2-secret\nlines).",
            "Bearer needle is not valid",
            "token eyJhbGciOi.eyJzdWIi.c2ln is not valid",
            "cannot connect to postgresql://darezone:hunter2-secret@db/darezone",
        ],
    )
    def test_what_an_exception_quotes_is_hidden(self, text):
        assert [secret for secret in SECRETS if secret in logs.masked(text).replace("Bearer ***", "")] == []

    def test_what_follows_the_row_is_kept(self):
        text = "one\nDETAIL:  Key (name)=(needle\nneedle).\nCONTEXT:  COPY users\n\nTraceback"
        assert logs.masked(text) == "one\nDETAIL:***\nCONTEXT:  COPY users\n\nTraceback"
        chain = "\n\nThe above exception was the direct cause of the following exception:\n\ntwo"
        assert logs.masked(f"one\nDETAIL:  needle{chain}") == f"one\nDETAIL:***{chain}"

    def test_a_violated_constraint_keeps_its_name(self, owner):
        with pytest.raises(IntegrityError) as caught:
            testing.make_user(email=owner.email)
        record = logging.LogRecord("any", logging.ERROR, "", 0, "failed", (), (IntegrityError, caught.value, None))
        line = json.loads(logs.JsonFormatter().format(record))
        assert "one_account_per_email" in line["exception"]
        assert owner.email not in line["exception"]

    def test_half_a_character_is_no_reason_to_lose_a_line(self):
        record = logging.LogRecord("any", logging.INFO, "", 0, "\ud800", (), None)
        assert json.loads(logs.JsonFormatter().format(record))["message"] == "\ud800"
