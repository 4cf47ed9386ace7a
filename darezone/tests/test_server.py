"""The server as production starts it, over a real socket: what it refuses before or besides the application."""

import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def port():
    """Of a `bin/serve` without a database: none of these requests gets as far."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    environment = os.environ | {
        "ENVIRONMENT": "load",
        "SECRET_KEY": "s" * 60,
        "JWT_SIGNING_KEY": "j" * 60,
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    command = [sys.executable, ROOT / "bin/lib/serve.py", "--port", str(number), "--workers", "1"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as server:
        try:
            wait_until_alive(number, server)
            yield number
        finally:
            server.terminate()
            server.communicate(timeout=30)


def wait_until_alive(port: int, server: subprocess.Popen) -> None:
    for _ in range(300):
        try:
            if ask(port, "/health/live")[0] == 200:
                return
        except OSError:
            assert server.poll() is None, "the server ended"
            time.sleep(0.1)  # noqa: TID251
    raise AssertionError("the server did not start")


def ask(port: int, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


class TestServer:
    def test_it_refuses_a_foreign_host__hc19(self, port):
        status, body = ask(port, "/health/live", Host="evil.example")
        assert (status, b"bad_request" in body) == (400, True)

    def test_it_refuses_a_huge_url__hc19(self, port):
        assert ask(port, "/health/live?x=" + "x" * 102_400)[0] == 414

    def test_it_refuses_huge_headers__hc19(self, port):
        assert ask(port, "/health/live", X_Large="x" * 102_400)[0] == 431

    def test_it_sends_no_body_to_head__hc20(self, port):
        assert ask(port, "/health/live", "HEAD") == (200, b"")

    def test_it_refuses_strange_methods__hc20(self, port):
        assert ask(port, "/api/v1/auth/login", "TRACE")[0] == 405
        assert ask(port, "/api/v1/auth/login", "PROPFIND")[0] == 405

    def test_it_says_503_while_the_database_is_away(self, port):
        status, body = ask(port, "/health/ready")
        assert (status, b"not_ready" in body) == (503, True)
        credentials = b'{"email": "a@example.com", "password": "password"}'
        status, body = ask(port, "/api/v1/auth/login", "POST", credentials, **{"Content-Type": "application/json"})
        assert (status, b"service_unavailable" in body) == (503, True)
