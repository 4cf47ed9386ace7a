"""Requests without think time over kept connections, for little CPU: it shares the machine with what it measures.

Locust's FastHttpUser tops out at 1,873 requests/s on one core of this machine, about 530 us each: more than the server
takes for an answer. This client makes some 25 us of it. It can do so because it does little: one process, the bytes of
every request written beforehand, one request in flight per connection, answers framed by Content-Length alone.
"""

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import NamedTuple

STALLED_SECONDS = 10
LONGEST_EXCERPT = 300
# One for all: a new one for each answer would be mapped and cleared by the kernel every time.
BUFFER = bytearray(262144)


class Request(NamedTuple):
    """The bytes to send, and what must come back; `length` of the body is None where it may vary."""

    data: bytes
    status: int
    length: int | None = None


@dataclass
class Result:
    """What one run saw. `latencies` (ns) and `seconds` are of the measured part, `answers` and `cpu_seconds` of all."""

    answers: int = 0
    wrong: int = 0
    first_wrong: str = ""
    body_bytes: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    latencies: list[int] = field(default_factory=list)

    def refuse(self, reason: str) -> None:
        self.wrong += 1
        self.first_wrong = self.first_wrong or reason


class Stalled(Exception):
    pass


def get(path: str, headers: dict[str, str]) -> bytes:
    return written("GET", path, headers, b"")


def post(path: str, headers: dict[str, str], body: bytes) -> bytes:
    return written("POST", path, {**headers, "Content-Type": "application/json"}, body)


def written(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    more = {"Content-Length": str(len(body))} if body else {}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in {**headers, **more}.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class Connection:
    """One kept connection: its socket, where its requests come from, and the answer that is arriving."""

    def __init__(self, port: int, requests: Iterator[Request]):
        self.requests = requests
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=STALLED_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)  # with a timeout, Python polls before each call: half of the cost

    def send(self) -> bool:
        """The next request, unless there is none."""
        self.request = next(self.requests, None)
        if self.request is None:
            return False
        self.head, self.missing, self.sent_at = b"", -1, time.perf_counter_ns()
        self.socket.sendall(self.request.data)
        return True

    def receive(self) -> bool:
        """Whether the answer is complete. `missing` is -1 until its head is."""
        size = self.socket.recv_into(BUFFER)
        if not size:
            raise ConnectionError("the server closed a connection")
        if self.missing >= 0:
            self.missing -= size
            return self.missing <= 0
        self.head += BUFFER[:size]
        end = self.head.find(b"\r\n\r\n")
        if end < 0:
            return False
        self.length = content_length(self.head[:end])
        self.missing = self.length - (len(self.head) - end - 4)
        return self.missing <= 0

    def problem(self) -> str:
        """What is wrong with the answer; empty when it is the expected one."""
        request = self.request
        if self.head[9:12] == b"%d" % request.status and request.length in (None, self.length):
            return ""
        sent = request.data.split(b"\r\n", 1)[0].decode()
        return f"{sent}: {self.length} bytes instead of {request.length}: {self.head[:LONGEST_EXCERPT]!r}"


def content_length(head: bytes) -> int:
    start = head.lower().find(b"\r\ncontent-length:")
    if start < 0:
        raise ValueError(f"an answer without Content-Length: {head!r}")
    end = head.find(b"\r\n", start + 2)
    return int(head[start + 17 : end if end > 0 else None])


def drive(
    port: int, requests: Sequence[Request], *, connections: int, seconds: float, warm_up: float = 0.0, once=False
) -> Result:
    """Keeps every connection busy until the time is over, then lets the last answers arrive.

    Connection number i takes requests i, i + connections, ...: again and again, or `once` each.
    """
    result, cpu = Result(), time.process_time()
    opened = [Connection(port, share(requests, number, connections, once)) for number in range(connections)]
    try:
        converse(opened, result, seconds=seconds, warm_up=warm_up)
    except (OSError, ValueError, Stalled) as error:
        result.refuse(f"{type(error).__name__}: {error}")
    finally:
        for connection in opened:
            connection.socket.close()
    result.cpu_seconds = time.process_time() - cpu
    return result


def share(requests: Sequence[Request], number: int, connections: int, once: bool) -> Iterator[Request]:
    own = requests[number::connections]
    if once:
        return iter(own)
    return cycle(own or [requests[number % len(requests)]])


def converse(opened: list[Connection], result: Result, *, seconds: float, warm_up: float) -> None:
    begin = time.perf_counter_ns() + int(warm_up * 1e9)
    end = last = begin + int(seconds * 1e9)
    with selectors.DefaultSelector() as selector:
        for connection in opened:
            if connection.send():
                selector.register(connection.socket, selectors.EVENT_READ, connection)
        while selector.get_map():
            for connection in arrived(selector):
                now = time.perf_counter_ns()
                take(result, connection)
                if begin <= now <= end:
                    result.latencies.append(now - connection.sent_at)
                    last = now
                if now >= end or not connection.send():
                    selector.unregister(connection.socket)
    result.seconds = (last - begin) / 1e9


def arrived(selector: selectors.BaseSelector) -> Iterator[Connection]:
    ready = selector.select(STALLED_SECONDS)
    if not ready:
        raise Stalled(f"{len(selector.get_map())} requests were not answered within {STALLED_SECONDS} s")
    return (key.data for key, _ in ready if key.data.receive())


def take(result: Result, connection: Connection) -> None:
    result.answers += 1
    result.body_bytes += connection.length
    problem = connection.problem()
    if problem:
        result.refuse(problem)


def ask(port: int, requests: Sequence[bytes]) -> Iterator[bytes]:
    """The body of each answer, one after the other over one connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=STALLED_SECONDS) as connection:
        for data in requests:
            connection.sendall(data)
            answer = b""
            while (end := answer.find(b"\r\n\r\n")) < 0:
                answer += received(connection)
            end += 4
            total = end + content_length(answer[: end - 4])
            while len(answer) < total:
                answer += received(connection)
            yield answer[end:]


def received(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionError("the server closed a connection")
    return data
