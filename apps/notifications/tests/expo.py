"""Expo as a server on this machine."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OK = {"status": "ok", "id": "1"}


class Expo:
    """Remembers what it was sent, and answers what it is told to."""

    def __init__(self):
        self.requests, self.headers = [], []
        self.status, self.tickets, self.body = 200, {}, None

    def answer(self, messages):
        tickets = [self.tickets.get(message["to"], OK) for message in messages]
        return self.body if self.body is not None else json.dumps({"data": tickets}).encode()


@contextmanager
def listening(expo: Expo) -> Iterator[int]:
    """Answers for it, on this port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            messages = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            expo.requests.append(messages)
            expo.headers.append((self.path, self.headers["Authorization"], self.headers["Content-Type"]))
            answer = expo.answer(messages)
            self.send_response(expo.status)
            self.send_header("Content-Length", str(len(answer)))
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_port
        server.shutdown()
