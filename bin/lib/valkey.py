"""Valkey from its wheel, on a Unix socket of its own. It keeps nothing: a cache may be empty at any start."""

import socket
import time
from pathlib import Path
from urllib.parse import quote

from processes import Leashed
from wheels import valkey_server

START_SECONDS = 20


class Valkey:
    def __init__(self, *, state: Path, sockets: Path):
        self.log, self.sockets, self.socket = state / "log" / "valkey.log", sockets, sockets / "valkey.sock"
        self.process = None

    def url(self) -> str:
        return f"unix://{quote(str(self.socket))}?db=0"

    def start(self, *, hold: int) -> None:
        self.socket.unlink(missing_ok=True)
        command = [valkey_server(), "--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700"]
        command += ["--save", "", "--appendonly", "no", "--dir", self.sockets]
        command += ["--maxmemory", "128mb", "--maxmemory-policy", "volatile-lru"]
        with self.log.open("wb") as log:
            self.process = Leashed(command, log=log, hold=[hold])

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.ended_within(0.03) or time.monotonic() > deadline:
                raise SystemExit(f"Valkey did not start:\n{self.log.read_text(errors='replace')[-1500:]}")

    def stop(self) -> None:
        if self.process:
            self.process.stop()

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False
