"""A cache server of a test's own, to be stopped, hung and started again; and the engine pointed at it."""

import contextlib
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import redis

from apps.core import cache, throttles
from apps.core.cache_server import CacheServer
from apps.core.throttles import Counters

sys.path.append(str(Path(__file__).resolve().parents[3] / "bin" / "lib"))
from processes import Leashed  # noqa: E402
from wheels import valkey_server  # noqa: E402

TIMEOUT, PAUSE = 0.1, 0.05


class Valkey:
    def __init__(self, folder: str):
        self.socket = Path(folder, "valkey.sock")
        self.process = None
        self.start()

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def start(self) -> None:
        self.socket.unlink(missing_ok=True)
        options = ["--port", "0", "--unixsocket", self.socket, "--save", "", "--dir", self.socket.parent]
        with open(os.devnull, "wb") as log:
            self.process = Leashed([valkey_server(), *options], log=log)
        wait_until(self._answers, seconds=20)
        with self.client() as client:
            self.pid = client.info("server")["process_id"]

    def stop(self) -> None:
        """As a crash does: what it held is gone."""
        if self.process:
            os.kill(self.pid, signal.SIGKILL)
            self.process.stop()
            self.process = None

    def hang(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket))

    def _answers(self) -> bool:
        with contextlib.suppress(redis.RedisError, OSError), self.client() as client:
            return client.ping()
        return False


@contextlib.contextmanager
def of_its_own() -> Iterator[Valkey]:
    with tempfile.TemporaryDirectory(prefix="darezone-valkey-") as folder:
        valkey = Valkey(folder)
        try:
            yield valkey
        finally:
            valkey.stop()


@contextlib.contextmanager
def engine_on(valkey: Valkey, settings, *, timeout: float = TIMEOUT) -> Iterator[CacheServer]:
    """The engine asks `valkey`, with a new breaker. Two such engines are two processes."""
    with moved("default", valkey.url, settings, timeout), put(cache, CacheServer(pause=PAUSE)) as server:
        yield server


@contextlib.contextmanager
def counters_on(valkey: Valkey, settings, *, timeout: float = TIMEOUT) -> Iterator[Counters]:
    """The counters are in another database of `valkey`, asked with a new breaker."""
    url = valkey.url.replace("db=0", "db=1")
    with moved("throttles", url, settings, timeout), put(throttles, Counters("throttles", pause=PAUSE)) as server:
        server.silent_seconds, throttles._next_line = timeout, 0.0
        yield server


@contextlib.contextmanager
def moved(alias: str, url: str, settings, timeout: float) -> Iterator[None]:
    stock = settings.CACHES
    options = {"SOCKET_CONNECT_TIMEOUT": timeout, "SOCKET_TIMEOUT": timeout}
    settings.CACHES = stock | {alias: stock[alias] | {"LOCATION": url, "OPTIONS": options}}
    try:
        yield
    finally:
        settings.CACHES = stock


@contextlib.contextmanager
def put[Server: CacheServer](module: ModuleType, server: Server) -> Iterator[Server]:
    """In place of the one that the module asks."""
    before, module.server = module.server, server
    try:
        yield server
    finally:
        server.breaker.is_open = False  # ends the thread that waits for the server
        module.server = before


def wait_until(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        pause.wait(0.01)
