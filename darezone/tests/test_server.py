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


def talk(port: int, head: str, body: bytes = b"") -> tuple[int, bytes]:
    """Status and body of the answer to raw bytes, when the server closes the connection after it."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    status, _, rest = answer.partition(b"\r\n")
    return int(status.split()[1]), rest.partition(b"\r\n\r\n")[2]


def chunked(body: bytes, size: int = 50_000) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""])


class TestConnections:
    """Each of these ends its connection: `talk` waits for the end."""

    ALIVE, HOST = "GET /health/live HTTP/1.1\n", "Host: 127.0.0.1\n"

    @pytest.mark.parametrize("host", ["Host: evil.example", "Host: 127.0.0.1@evil.example", "Host:", "X-No-Host: 1"])
    def test_a_foreign_host_is_refused__hc19(self, port, host):
        status, body = talk(port, self.ALIVE + host)
        assert (status, b"bad_request" in body) == (400, True)

    def test_a_huge_url_is_refused__hc19(self, port):
        assert talk(port, f"GET /health/live?x={'x' * 102_400} HTTP/1.1\n{self.HOST}")[0] == 414

    @pytest.mark.parametrize(
        "header", [f"X-Large: {'x' * 102_400}", f"X-{'x' * 102_400}: 1", "\n".join(f"X-{n}: 1" for n in range(300))]
    )
    def test_huge_headers_are_refused__hc19(self, port, header):
        assert talk(port, self.ALIVE + self.HOST + header)[0] == 431


class TestBodies:
    HEAD = "POST /api/v1/auth/login HTTP/1.1\nHost: 127.0.0.1\nConnection: close\n"
    JSON = "Content-Type: application/json\n"
    LARGE = b'{"x": "%s"}' % (b"a" * 3_000_000)

    def test_three_megabytes_are_refused__hc7(self, port):
        status, body = talk(port, f"{self.HEAD}{self.JSON}Content-Length: {len(self.LARGE)}", self.LARGE)
        assert (status, b"payload_too_large" in body) == (413, True)

    def test_three_megabytes_without_a_length_are_refused__hc7(self, port):
        status, body = talk(port, f"{self.HEAD}{self.JSON}Transfer-Encoding: chunked", chunked(self.LARGE))
        assert (status, b"payload_too_large" in body) == (413, True)

    def test_a_body_in_chunks_is_read(self, port):
        status, body = talk(port, f"{self.HEAD}{self.JSON}Transfer-Encoding: chunked", chunked(b'{"email": 1}', 5))
        assert (status, b'"email"' in body, b'"password"' in body) == (422, True, True)

    @pytest.mark.parametrize("kind", ["", "Content-Type:\n", "Content-Type: text/plain\n"])
    def test_what_says_not_that_it_is_json_is_refused__hc17(self, port, kind):
        status, body = talk(port, f"{self.HEAD}{kind}Content-Length: 2", b"{}")
        assert (status, b"unsupported_media_type" in body) == (415, True)


class TestServer:
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
