"""The headers of contract 1.8 on every kind of answer there is, from success to a failure of the server."""

import pytest
from django.test import Client

from apps import testing
from apps.core.tests.routes import NOBODY

pytestmark = pytest.mark.django_db

APP, EVIL = "http://localhost:3000", "https://evil.example"
PROTECTING = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}
OF_API = {"Vary": "Authorization, Origin", "Cache-Control": "no-store"}
CORS = ("Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers")
# Status, method, path, body.
ANSWERS = {
    "success": (200, "GET", "/api/v1/habits", None),
    "created": (201, "POST", "/api/v1/habits", {"name": "Walk"}),
    "no content": (204, "DELETE", "/api/v1/challenges/{challenge}", None),
    "options": (204, "OPTIONS", "/api/v1/habits", None),
    "head": (200, "HEAD", "/api/v1/habits", None),
    "not modified": (304, "GET", "/api/v1/users/me", None),
    "rule": (400, "PATCH", "/api/v1/users/me", {}),
    "no token": (401, "GET", "/api/v1/habits", None),
    "forbidden": (403, "GET", "/api/v1/users/{outsider}", None),
    "unknown object": (404, "GET", f"/api/v1/challenges/{NOBODY}", None),
    "unknown path": (404, "GET", "/api/v1/nothing", None),
    "outside of the API": (404, "GET", "/nothing", None),
    "method": (405, "PUT", "/api/v1/habits", None),
    "accept": (406, "GET", "/api/v1/habits", None),
    "too large": (413, "POST", "/api/v1/habits", {"name": "x" * 3_000_000}),
    "media type": (415, "POST", "/api/v1/habits", {"name": "x"}),
    "invalid": (422, "POST", "/api/v1/habits", {}),
    "foreign host": (400, "GET", "/api/v1/habits", None),
    "headers": (431, "GET", "/api/v1/habits", None),
    "failure": (500, "GET", "/api/v1/habits", None),
    "health": (200, "GET", "/health", None),
    "alive": (200, "GET", "/health/live", None),
    "welcome": (200, "GET", "/", None),
    "documentation": (200, "GET", "/docs", None),
    "metrics": (200, "GET", "/metrics", None),
    "staff site": (302, "GET", "/admin/", None),
    "log-in of staff": (200, "GET", "/admin/login/", None),
    "static file": (200, "GET", "/static/admin/css/base.css", None),
}
SENT = {
    "not modified": {"If-None-Match": "*"},
    "accept": {"Accept": "image/png"},
    "media type": {"Content-Type": "text/plain"},
    "foreign host": {"Host": "evil.example"},
    "headers": {"X-Large": "x" * 40_000},
}
# Before anything of the API, so also before its CORS.
WITHOUT_CORS = ("foreign host", "headers")


@pytest.fixture
def answer(settings, owner, outsider, challenge, monkeypatch):
    """What one gets who asks from a page of `origin`."""
    settings.ENABLE_DOCS = True

    def ask(kind: str, origin: str = ""):
        if kind == "failure":
            monkeypatch.setattr("apps.challenges.views.habits.HabitListView.get", broken)
        status, method, path, body = ANSWERS[kind]
        api = testing.Api(None if kind == "no token" else owner)
        sent = {"Origin": origin} | SENT.get(kind, {}) if origin else SENT.get(kind, {})
        content_type = sent.get("Content-Type", "application/json")
        found = api.http.generic(
            method,
            path.format(challenge=challenge.id, outsider=outsider.id),
            testing.orjson.dumps(body) if body is not None else b"",
            content_type=content_type,
            headers=api.headers | sent,
        )
        if found.streaming:
            b"".join(found)  # closes the file
        assert found.status_code == status, found
        return found

    return ask


@pytest.mark.breaks
@pytest.mark.parametrize("kind", ANSWERS)
class TestHeaders:
    def test_every_answer_is_protected_and_named(self, kind, answer):
        found = answer(kind)
        assert {name: found.get(name) for name in PROTECTING} == PROTECTING
        assert found["X-Request-ID"] and float(found["X-Process-Time"]) >= 0
        assert "Server-Timing" not in found and "X-Powered-By" not in found

    def test_the_api_is_not_kept_by_others(self, kind, answer):
        found = answer(kind)
        if ANSWERS[kind][2].startswith("/api/"):
            kept = "private, no-cache" if kind == "not modified" else "no-store"
            assert (found["Vary"], found["Cache-Control"]) == (OF_API["Vary"], kept)

    def test_our_pages_may_read_it_and_others_may_not(self, kind, answer):
        found = answer(kind, EVIL)
        assert [name for name in found.headers if name.lower().startswith("access-control")] == []
        if kind not in (*WITHOUT_CORS, "static file") and ANSWERS[kind][1] != "DELETE":
            found = answer(kind, APP)
            assert (found[CORS[0]], found[CORS[1]]) == (APP, "true")
            assert "X-Request-ID" in found[CORS[2]]

    def test_every_error_is_json_in_the_contracts_shape(self, kind, answer):
        found = answer(kind)
        if found.status_code >= 400:
            assert found["Content-Type"] == "application/json"
            assert set(found.json()) == {"detail", "code"}
            assert b"Traceback" not in found.content and b"broken" not in found.content


class TestProduction:
    @pytest.mark.parametrize("path", ["/api/v1/habits", "/health/live", "/nothing", "/admin/login/"])
    def test_browsers_are_told_to_come_by_https(self, path, settings, db):
        settings.ENVIRONMENT, settings.SECURE_HSTS_SECONDS = "production", 31_536_000
        found = Client().get(path, secure=True)
        assert found["Strict-Transport-Security"] == "max-age=31536000"
        assert found["X-XSS-Protection"] == "1; mode=block"


def broken(*args, **kwargs):
    raise ValueError("broken on purpose")
