"""The load generator of bin/bench against a small server of its own."""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "bin" / "lib"))
import generator  # noqa: E402
from generator import Request  # noqa: E402

HOST = {"Host": "127.0.0.1"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.paths.append(self.path)
        body = b"x" * (300_000 if self.path == "/long" else 5)
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:2])
        self.wfile.flush()
        self.wfile.write(body[2:])
        if self.path == "/closing":
            self.close_connection = True

    def do_POST(self):
        self.server.paths.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, *_):
        """The generator leaves in the middle of an answer when one was wrong."""


@pytest.fixture
def server():
    with Server(("127.0.0.1", 0), Handler) as made:
        made.paths = []
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def drive(server, *requests: Request, **options) -> generator.Result:
    return generator.drive(server.server_port, requests, **{"connections": 4, "seconds": 0.2, **options})


def get(path: str, length: int | None = None) -> Request:
    return Request(generator.get(path, HOST), 200, length)


class TestGenerator:
    def test_it_works(self, server):
        result = drive(server, get("/a", 5))
        assert result.wrong == 0
        assert result.answers == len(server.paths) >= len(result.latencies) > 4
        assert result.body_bytes == 5 * result.answers
        assert 0 < result.seconds <= 0.2
        assert 0 < result.cpu_seconds < 2

    def test_it_does_not_measure_the_warm_up(self, server):
        result = drive(server, get("/a"), seconds=0.1, warm_up=0.2)
        assert 0 < len(result.latencies) < result.answers * 0.7

    def test_it_reads_answers_that_come_in_pieces(self, server):
        assert drive(server, get("/long", 300_000)).wrong == 0

    def test_it_counts_a_wrong_status(self, server):
        result = drive(server, get("/missing"))
        assert result.wrong == result.answers > 0
        assert "GET /missing" in result.first_wrong
        assert "404" in result.first_wrong

    def test_it_counts_a_wrong_length(self, server):
        assert drive(server, get("/a", 6)).wrong > 0

    def test_it_counts_a_closed_connection(self, server):
        result = drive(server, get("/closing"))
        assert result.wrong == 1
        assert "Error" in result.first_wrong

    def test_each_connection_has_its_own_requests(self, server):
        drive(server, *(get(f"/{number}") for number in range(6)), connections=3, once=True, seconds=5)
        assert sorted(server.paths) == [f"/{number}" for number in range(6)]

    def test_it_sends_bodies(self, server):
        requests = [Request(generator.post("/", HOST, b"one"), 201)]
        assert drive(server, *requests, connections=1, once=True).wrong == 0
        assert server.paths == ["one"]

    def test_it_asks_one_after_the_other(self, server):
        asked = [generator.get(path, HOST) for path in ("/a", "/long", "/b")]
        assert [len(body) for body in generator.ask(server.server_port, asked)] == [5, 300_000, 5]
