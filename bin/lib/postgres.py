"""PostgreSQL from its wheel, on a Unix socket of its own."""

import contextlib
import locale
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import identity
from processes import Leashed, run_leashed
from wheels import postgres_program

START_SECONDS = 60
SETTINGS = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "random_page_cost": "1.1",  # solid-state disks: the default is for spinning ones
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_preload_libraries": "pg_stat_statements,auto_explain",
    "auto_explain.log_min_duration": "500ms",
}
FOR_TESTS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    def __init__(self, *, state: Path, sockets: Path, durable: bool):
        self.data, self.log, self.sockets = state / "pgdata", state / "log" / "postgres.log", sockets
        self.durable = durable
        self.process = None

    def url(self, database: str) -> str:
        return f"postgresql://postgres@{quote(str(self.sockets), safe='')}:5432/{database}"

    def start(self, *, hold: int) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.identity = identity.choose(
            owned=[self.data, self.sockets], needed=[postgres_program("postgres"), self.data]
        )
        self._initialize()
        self._end_orphan()
        settings = SETTINGS if self.durable else SETTINGS | FOR_TESTS
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [postgres_program("postgres"), "-D", self.data, "-k", self.sockets, "-p", "5432", "-h", "", *options]
        with self.log.open("wb") as log:
            self.process = Leashed(command, log=log, env=clean_environment(), identity=self.identity, hold=[hold])

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._status() == "ready":
            if self.process.ended_within(0.03) or time.monotonic() > deadline:
                raise SystemExit(f"PostgreSQL did not start:\n{self.log.read_text(errors='replace')[-1500:]}")

    def stop(self) -> None:
        if self.process:
            self.process.stop()

    def _initialize(self) -> None:
        version = self.data / "PG_VERSION"
        if version.exists():
            return self._refuse_other_version(version.read_text().strip())
        for leftover in self.data.iterdir():  # of an interrupted initdb
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        command = [postgres_program("initdb"), "-D", self.data, "-U", "postgres", "-A", "trust", "--encoding=UTF8"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions"]
        command += [f"--lc-ctype={character_type()}"]
        command += [] if self.durable else ["--no-sync"]
        with self.log.open("wb") as log:
            code = run_leashed(command, log=log, env=clean_environment(), identity=self.identity)
        if code:
            raise SystemExit(f"initdb failed:\n{self.log.read_text(errors='replace')}")

    def _refuse_other_version(self, ours: str) -> None:
        program = [postgres_program("postgres"), "--version"]
        wheel = subprocess.run(program, capture_output=True, text=True, check=True).stdout.split()[-1].split(".")[0]
        if ours != wheel:
            raise SystemExit(
                f"{self.data} is of PostgreSQL {ours}, the wheel has {wheel}: dump and restore, or delete it"
            )

    def _end_orphan(self) -> None:
        """We hold the lock: a server still named in the pid file lost its leash, or its pid is somebody else's now."""
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return
        pid = int(pid_file.read_text().split("\n", 1)[0] or 0)
        if self._is_server(pid):
            os.kill(pid, signal.SIGINT)
            deadline = time.monotonic() + START_SECONDS
            while self._is_server(pid) and time.monotonic() < deadline:
                time.sleep(0.05)
        pid_file.unlink(missing_ok=True)

    def _is_server(self, pid: int) -> bool:
        command = command_of(pid)
        return "postgres" in command and str(self.data) in command

    def _status(self) -> str:
        with contextlib.suppress(FileNotFoundError, IndexError):
            return (self.data / "postmaster.pid").read_text().splitlines()[7].strip()
        return ""


def command_of(pid: int) -> str:
    """The command line of a process; empty when it is gone or a zombie."""
    if Path("/proc/self/cmdline").exists():  # minimal images have no ps
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return ""
    ps = ["ps", "-o", "command=", "-p", str(pid)]
    return subprocess.run(ps, capture_output=True, text=True, check=False).stdout


def create_database(url: str) -> None:
    """Create the database of this URL where it is missing."""
    server, name = split(url)
    if query(server, f"SELECT 1 FROM pg_database WHERE datname = '{name}'") == "":  # noqa: S608
        query(server, f'CREATE DATABASE "{name}"')


def drop_database(url: str) -> None:
    server, name = split(url)
    query(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def label_of(url: str) -> str:
    """A note that is gone with its database."""
    server, name = split(url)
    return query(server, f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{name}'")  # noqa: S608


def set_label(url: str, text: str) -> None:
    server, name = split(url)
    query(server, f"COMMENT ON DATABASE \"{name}\" IS '{text}'")


def split(url: str) -> tuple[str, str]:
    """The URL of the server's own database, and the name of this one."""
    server, _, name = url.rpartition("/")
    return f"{server}/postgres", name


def query(url: str, sql: str) -> str:
    psql = [postgres_program("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql]
    result = subprocess.run(psql, capture_output=True, text=True, env=clean_environment(), check=False)
    if result.returncode:
        raise SystemExit(f"psql failed: {result.stderr.strip()}")
    return result.stdout.strip()


def character_type() -> str:
    """pg_trgm asks the C library which characters are letters: in the C locale only those of ASCII are."""
    for name in ("C.UTF-8", "en_US.UTF-8"):
        with contextlib.suppress(locale.Error):
            before = locale.setlocale(locale.LC_CTYPE)
            locale.setlocale(locale.LC_CTYPE, name)
            locale.setlocale(locale.LC_CTYPE, before)
            return name
    return "C"


def clean_environment() -> dict[str, str]:
    """Without what a person's shell says to PostgreSQL: PGDATA, PGOPTIONS, a locale that the wheel does not have."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}
