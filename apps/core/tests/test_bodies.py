"""Bodies that do not say how long they are, and bodies that nobody wants."""

import pytest
from django.test import Client

from apps import testing

pytestmark = pytest.mark.django_db

LOGIN = "/api/v1/auth/login"


class Input:
    """What a server hands over: it knows where the body ends."""

    def __init__(self, content: bytes):
        self.rest = content

    def read(self, size: int) -> bytes:
        piece, self.rest = self.rest[:size], self.rest[size:]
        return piece

    readline = read


def send(path: str, body: Input, method: str = "POST", **environ):
    client = Client(raise_request_exception=False)
    return client.generic(method, path, content_type="application/json", **{"wsgi.input": body} | environ)


def chunked(path: str, body: Input, **environ):
    told = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "CONTENT_TYPE": "application/json"}
    return send(path, body, **told | environ)


class TestUnannounced:
    def test_it_is_read(self, owner):
        body = Input(b'{"email": "%s", "password": "password"}' % owner.email.encode())
        assert chunked(LOGIN, body).status_code == 200

    def test_it_is_bounded(self):
        body = Input(b'{"email": "' + b"x" * 3_000_000 + b'"}')
        assert chunked(LOGIN, body).status_code == 413
        assert body.rest == b""

    def test_no_more_is_read_than_any_body_may_have(self, settings):
        settings.LARGEST_BODY_BYTES = 100_000
        body = Input(b"x" * 300_000)
        assert chunked("/api/v1/auth/me", body).status_code == 401
        assert len(body.rest) == 200_000 - 1

    def test_a_server_that_does_not_know_its_end_is_not_asked(self):
        body = Input(b"{}")
        answer = chunked(LOGIN, body, **{"wsgi.input_terminated": False})
        assert (answer.status_code, body.rest) == (422, b"{}")


class TestUnread:
    """A server that closes while it is sent something resets the connection, and nginx never sees the answer."""

    @pytest.mark.parametrize(("path", "status"), [("/api/v1/auth/me", 401), ("/nothing", 404), ("/api/v1/habits", 406)])
    def test_it_is_taken_to_its_end(self, path, status):
        body = Input(b"x" * 200_000)
        answer = send(path, body, CONTENT_LENGTH="200000", HTTP_ACCEPT="image/png" if status == 406 else "*/*")
        assert (answer.status_code, body.rest) == (status, b"")

    def test_also_for_a_foreign_host(self):
        body = Input(b"x" * 200_000)
        assert send("/nothing", body, CONTENT_LENGTH="200000", HTTP_HOST="evil.example").status_code == 400
        assert body.rest == b""

    def test_what_is_larger_than_any_body_may_be_is_not_waited_for(self, settings):
        body = Input(b"x" * 200_000)
        assert send("/nothing", body, CONTENT_LENGTH=str(settings.LARGEST_BODY_BYTES + 1)).status_code == 404
        assert len(body.rest) == 200_000

    @pytest.mark.parametrize("length", ["", "x", "-1", "9" * 5000])
    def test_a_length_that_is_none_is_no_failure(self, length, owner):
        assert send("/api/v1/auth/me", Input(b""), CONTENT_LENGTH=length).status_code == 401
        assert testing.Api(owner).get("/users/me", CONTENT_LENGTH=length).status_code == 200
