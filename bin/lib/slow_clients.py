"""Clients that keep their connections and say nothing, or a byte a second."""

import contextlib
import socket
import threading

HEAD = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
BODY = HEAD + b'no\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"email": "'
NUMBER = 40
KINDS = {"silent": None, "head": HEAD, "body": BODY}


class SlowClients:
    def __init__(self, port: int, kind: str):
        self.port, self.beginning = port, KINDS[kind]
        self.sockets: list[socket.socket] = []
        self.rounds, self.over = 0, threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self) -> "SlowClients":
        self.sockets = [socket.create_connection(("127.0.0.1", self.port), timeout=5) for _ in range(NUMBER)]
        self.send(self.beginning)
        self.thread.start()
        return self

    def __exit__(self, *exc) -> None:
        self.over.set()
        self.thread.join()
        for one in self.sockets:
            one.close()

    def run(self) -> None:
        while not self.over.wait(1):
            self.send(self.beginning and b"x")
            self.rounds += 1

    def send(self, what: bytes | None) -> None:
        for one in self.sockets if what else ():
            with contextlib.suppress(OSError):  # the server has had enough
                one.sendall(what)

    def connected(self) -> int:
        return sum(is_open(one) for one in self.sockets)


def is_open(one: socket.socket) -> bool:
    """Neither answered nor closed."""
    one.setblocking(False)
    try:
        one.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
