"""Nothing that production logs holds a secret: the lines of a whole story are searched for every secret in it."""

import json
import logging
import logging.config
from contextlib import contextmanager

import pytest
from django.db import connection

from apps import testing
from apps.accounts.models import User
from apps.accounts.tests.people import bearing
from darezone import logs

pytestmark = pytest.mark.django_db(transaction=True)

EMAIL, PASSWORD, NEW = "kim.secret@example.com", "h0rse-staple-secret", "battery-c0rrect-secret"
NAME, CAPTION, PUSH, QUERY = (
    "Kimberly Secretname",
    "a caption for friends",
    "ExponentPushToken[secret]",
    "needle-secret",
)


@contextmanager
def production():
    """Logging as production configures it, but every line of it: in the test itself, whose stderr is its own."""
    configured = logs.configuration("DEBUG", "json")
    loggers = [logging.getLogger(name) for name in (None, *configured["loggers"])]
    before = [(logger, logger.handlers[:], logger.filters[:], logger.level) for logger in loggers]
    logging.config.dictConfig(configured)
    try:
        yield
    finally:
        for logger, handlers, filters, level in before:
            logger.handlers, logger.filters = handlers, filters
            logger.setLevel(level)


def live(monkeypatch) -> list[str]:
    """Signing up, in, on and out, with everything going wrong that can; the secrets that were used."""
    client = testing.Api()
    client.post("/auth/signup", {"email": EMAIL, "password": PASSWORD, "full_name": NAME})
    tokens = [client.post("/auth/login", {"email": EMAIL, "password": PASSWORD}).json()]
    client.post("/auth/login", {"email": EMAIL, "password": NEW})
    client.post("/auth/signup", {"email": EMAIL, "password": PASSWORD})
    client.post("/auth/login", {"email": EMAIL, "password": {"a": PASSWORD}})
    client.raw("POST", "/auth/login", b'{"email": "%s", "password": "%s"' % (EMAIL.encode(), PASSWORD.encode()))
    tokens.append(client.post("/auth/refresh", {"refresh_token": tokens[0]["refresh_token"]}).json())
    client.post("/auth/refresh", {"refresh_token": tokens[0]["refresh_token"]})
    me = bearing(tokens[1]["access_token"])
    changed = me.post("/auth/password", {"current_password": PASSWORD, "new_password": NEW}).json()
    assert "access_token" in changed and "access_token" in tokens[1], (changed, tokens)
    me.get("/auth/me")  # with a token that has ended
    bearing(changed["access_token"][:-3] + "abc").get("/auth/me")
    me = bearing(changed["access_token"])
    me.get("/users/search", {"q": EMAIL})
    me.get("/users/search", {"q": QUERY, "limit": PASSWORD})
    me.get(f"/nothing/{EMAIL}", {"token": changed["access_token"]})
    me.post("/notifications/register-push-token", {"token": PUSH})
    me.patch("/users/me", {"bio": CAPTION})
    misfortunes(me, monkeypatch)
    me.post("/auth/logout")
    issued = [token[key] for token in (*tokens, changed) for key in ("access_token", "refresh_token")]
    return [EMAIL, PASSWORD, NEW, NAME, CAPTION, PUSH, QUERY, EMAIL.replace("@", "%40"), *issued]


def misfortunes(me, monkeypatch) -> None:
    """A statement that is slow, a constraint that is violated, and an exception that quotes what it was given."""
    fails = {"slow": slow, "violated": violated, "quoting": quoting}
    for broken in fails.values():
        with monkeypatch.context() as patch:
            patch.setattr("apps.challenges.views.habits.HabitListView.get", broken)
            assert me.get("/habits", headers={"Cookie": f"sessionid={PASSWORD}"}).status_code >= 409


def slow(view, request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.02), %s, 'h0rse-staple-secret'", [EMAIL])
    raise RuntimeError("slow")


def violated(view, request):
    User.objects.create(email=EMAIL, password=PASSWORD, display_name=NAME)


def quoting(view, request):
    raise ValueError(f"cannot mail {EMAIL} with {request.META['HTTP_AUTHORIZATION']}")


@pytest.mark.breaks
class TestSecrets:
    def test_none_is_logged(self, capfd, monkeypatch, settings):
        settings.LOG_FORMAT, settings.SLOW_QUERY_MS = "json", 10
        with production():
            secrets = live(monkeypatch)
        text = "".join(capfd.readouterr())
        lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        assert len([line for line in lines if line["message"] == "request"]) >= 20
        assert {line["logger"] for line in lines} >= {"darezone.sql", "darezone.errors", "darezone.requests"}
        assert [secret for secret in secrets if secret in text] == []
        assert "argon2" not in text and "eyJ" not in text
        assert [secret for secret in secrets if len(secret) > 60 and secret.rpartition(".")[2] in text] == []

    def test_it_would_see_one(self, capfd):
        with production():
            logging.getLogger("darezone.any").warning("hello %s", NAME)
        assert NAME in capfd.readouterr().err
