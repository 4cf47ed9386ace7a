"""Uploads as production takes them: by bin/serve alone, and behind nginx as docker-compose.yml ships it."""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from darezone.tests import deployment
from darezone.tests.deployment import Person, until
from darezone.tests.test_slow_clients import needs_nginx, nginx

MB = 1024 * 1024
HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\nContent-Type: video/mp4\r\n\r\n'
TAIL = b"\r\n--x--\r\n"
VIDEO = b"\x00\x00\x00\x18ftypisom"
UPLOAD = "/api/v1/media/upload?type=video"
FORM = {"Content-Type": "multipart/form-data; boundary=x"}


@pytest.fixture(scope="module")
def server(database):
    with deployment.server(database) as started:
        yield started


@pytest.fixture(scope="module")
def front(database, server):
    with nginx(database, server) as port:
        yield server._replace(port=port)


@pytest.fixture(scope="module")
def ann(server):
    return server.log_in("ann")


@pytest.fixture
def folder(database):
    return database.folder / "media"


def body(size: int) -> bytes:
    """A form with a video of so many bytes."""
    return HEAD + VIDEO + bytes(size - len(VIDEO)) + TAIL


def ask(person: Person, method: str, path: str, content: bytes | Iterator[bytes] | None = None, **headers: str):
    """Status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", person.port, timeout=30)
    try:
        connection.request(method, path, content, person.headers | FORM | headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def uploaded(person: Person, size: int) -> dict:
    status, answer = ask(person, "POST", UPLOAD, body(size))
    assert status == 200, answer
    return json.loads(answer)


def path_of(file: dict) -> str:
    return "/media/" + file["url"].partition("/media/")[2]


def incoming(folder: Path) -> list[Path]:
    return list((folder / ".incoming").iterdir())


def most_memory(pid: int) -> int:
    """Bytes that the process has had at once."""
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


class TestUploads:
    """One class, so that one server serves all of them."""

    def test_memory_holds_a_piece_and_never_the_whole(self, server, ann):
        small, large = uploaded(ann, MB), 50 * MB
        (worker,) = server.workers()
        ask(ann, "GET", path_of(small))
        before = most_memory(worker)
        file = uploaded(ann, large)
        assert file["size"] == large
        status, content = ask(ann, "GET", path_of(file))
        assert (status, len(content)) == (200, large)
        assert most_memory(worker) - before < 10 * MB

    def test_a_body_that_does_not_say_how_long_it_is_is_taken_and_bounded(self, ann):
        assert ask(ann, "POST", UPLOAD, iter([HEAD, VIDEO, TAIL]))[0] == 200
        try:
            status, _ = ask(ann, "POST", UPLOAD, iter([HEAD, VIDEO, *[bytes(MB)] * 51, TAIL]))
        except ConnectionError:  # whoever is still sending is cut off
            status = 413
        assert status == 413

    def test_what_is_announced_as_too_large_is_refused_before_it_is_sent(self, ann):
        with socket.create_connection(("127.0.0.1", ann.port), timeout=10) as connection:
            length = 51 * MB + 1
            head = f"POST {UPLOAD} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n"
            head += f"Content-Type: {FORM['Content-Type']}\r\nAuthorization: {ann.headers['Authorization']}\r\n\r\n"
            connection.sendall(head.encode())
            assert connection.recv(100).startswith(b"HTTP/1.1 413 ")

    def test_a_client_that_goes_away_leaves_nothing(self, ann, folder):
        with socket.create_connection(("127.0.0.1", ann.port), timeout=10) as connection:
            head = f"POST {UPLOAD} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {5 * MB}\r\n"
            head += f"Content-Type: {FORM['Content-Type']}\r\nAuthorization: {ann.headers['Authorization']}\r\n\r\n"
            connection.sendall(head.encode() + body(3 * MB)[: 2 * MB])
            until(lambda: incoming(folder) != [])
        until(lambda: incoming(folder) == [])

    def test_of_deletes_at_once_one_has_deleted_it(self, ann):
        for _ in range(10):
            path = f"/api/v1/media?url={uploaded(ann, 100)['url']}"
            with ThreadPoolExecutor(4) as threads:
                answers = list(threads.map(lambda _, path=path: ask(ann, "DELETE", path)[0], range(4)))
            assert sorted(answers) == [200, 404, 404, 404]

    def test_parts_and_heads_come_through_the_server(self, ann):
        path = path_of(uploaded(ann, MB))
        assert ask(ann, "GET", path, Range="bytes=4-11") == (206, b"ftypisom")
        assert ask(ann, "HEAD", path) == (200, b"")
        assert ask(ann, "GET", path.replace(".mp4", ".mov"))[0] == 404

    @needs_nginx
    def test_behind_nginx_a_file_comes_and_goes(self, front, ann):
        person = Person(front.port, ann.headers)
        file = uploaded(person, 50 * MB)
        status, content = ask(person, "GET", path_of(file))
        assert (status, len(content)) == (200, 50 * MB)
        assert ask(person, "DELETE", f"/api/v1/media?url={file['url']}")[0] == 200

    @needs_nginx
    @pytest.mark.parametrize(("size", "rounds"), [(300_000, 5), (3 * MB, 3), (30 * MB, 1)])
    def test_behind_nginx_a_refusal_is_seen_however_much_was_sent(self, front, ann, size, rounds):
        """The server reads what it does not want: else nginx would say that it is away."""
        nobody, someone = Person(front.port, {}), Person(front.port, ann.headers)
        for _ in range(rounds):
            assert ask(nobody, "POST", UPLOAD, body(size))[0] == 401
            assert ask(someone, "POST", "/api/v1/media/upload", body(size))[0] == 422
            assert ask(someone, "POST", UPLOAD, body(size), **{"Content-Type": "text/plain"})[0] == 415

    @needs_nginx
    def test_behind_nginx_what_is_too_large_is_told_in_the_contracts_words(self, front, ann):
        person = Person(front.port, ann.headers | {"Content-Length": str(51 * MB + 1)})
        started = time.monotonic()
        status, answer = ask(person, "POST", UPLOAD, b"")
        assert (status, json.loads(answer)["code"]) == (413, "payload_too_large")
        assert time.monotonic() - started < 5
        person = Person(front.port, ann.headers)
        status, answer = ask(person, "POST", "/api/v1/habits", bytes(3 * MB), **{"Content-Type": "application/json"})
        assert (status, json.loads(answer)["code"]) == (413, "payload_too_large")

    @needs_nginx
    def test_behind_nginx_a_chunked_body_is_taken(self, front, ann):
        assert ask(Person(front.port, ann.headers), "POST", UPLOAD, iter([HEAD, VIDEO, TAIL]))[0] == 200
