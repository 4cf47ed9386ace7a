"""PostgreSQL and Valkey of our own in a state folder, each unless its URL is in the environment.

with Services(state("dev")) as services:
    environment = services.environment("darezone_demo")
"""

import hashlib
import os
import re
import shutil
import stat
from pathlib import Path

import sharing
from postgres import Postgres, create_database
from valkey import Valkey

SHARED = ("DATABASE_URL", "REDIS_URL", "MEDIA_ROOT")
# A server of our own has no pooler, whatever the environment says of another.
PAST_NO_POOLER = {"DATABASE_POOLER": "", "DATABASE_DIRECT_URL": ""}
LONGEST_SOCKET = 100  # bytes; the kernels take 107 (Linux) and 103 (macOS)


class Services:
    def __init__(self, state: Path, *, durable: bool = True):
        self.state, self.sockets = state, socket_folder(state)
        folders = {"state": state, "sockets": self.sockets}
        self.postgres = None if os.environ.get("DATABASE_URL") else Postgres(durable=durable, **folders)
        self.valkey = None if os.environ.get("REDIS_URL") else Valkey(**folders)
        self.own = [server for server in (self.postgres, self.valkey) if server]
        self.lock = None

    def __enter__(self) -> "Services":
        if self.own:
            make_folder(self.state / "log")
            make_folder(self.sockets)
            self.lock = sharing.acquire(self.state)
            try:
                self._start()
            except BaseException:
                self.__exit__()
                raise
        return self

    def __exit__(self, *_) -> None:
        if not self.lock:
            return
        sharing.retire(self.lock)
        for server in reversed(self.own):
            server.stop()
        if self.sockets.parent != self.state:
            shutil.rmtree(self.sockets, ignore_errors=True)
        self.lock.close()

    def environment(self, database: str) -> dict[str, str]:
        """This process's environment with the URLs of the servers. Creates the database where it is missing."""
        urls = {}
        if self.postgres:
            urls["DATABASE_URL"] = self.postgres.url(database)
            urls |= PAST_NO_POOLER
            create_database(urls["DATABASE_URL"])
        if self.valkey:
            urls["REDIS_URL"] = self.valkey.url()
        return {"MEDIA_ROOT": str(self.state / "media")} | os.environ | urls

    def publish(self, environment: dict[str, str]) -> None:
        """Let other commands join."""
        if self.lock:
            sharing.write(self.lock, shared={name: environment[name] for name in SHARED})

    def _start(self) -> None:
        for server in self.own:
            server.start(hold=self.lock.fileno())
        for server in self.own:
            server.wait_until_ready()


def socket_folder(state: Path) -> Path:
    inside = state / "run"
    length = len(os.fsencode(inside / ".s.PGSQL.5432.lock"))
    if length <= LONGEST_SOCKET and re.fullmatch(r"[\w./-]+", str(inside), re.ASCII):
        return inside
    # TMPDIR can be as long as the checkout, /tmp is not.
    return Path("/tmp") / f"darezone-{os.getuid()}-{hashlib.sha256(os.fsencode(state)).hexdigest()[:10]}"  # noqa: S108


def make_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or os.getuid() not in (0, found.st_uid):
        raise SystemExit(f"{folder} belongs to somebody else")
