"""PostgreSQL of a test's own with the demo data, the server that production starts, and people who call it."""

import argparse
import contextlib
import http.client
import json
import os
import secrets
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg

sys.path.append(str(Path(__file__).resolve().parents[2] / "bin" / "lib"))
import production_like  # noqa: E402
import serve  # noqa: E402
from checkout import PREPARE  # noqa: E402
from postgres import Postgres, create_database, query  # noqa: E402
from processes import run_leashed  # noqa: E402

PASSWORD = "demo-password"
HABIT = "00000000-0000-0000-0000-000000000001"


class Database:
    """Can be stopped and started like a machine's."""

    def __init__(self, folder: Path):
        self.folder, self.lock = folder, (folder / "lock").open("w")
        self.postgres = Postgres(state=folder, sockets=folder / "run", durable=False)
        for name in ("run", "log"):
            (folder / name).mkdir()
        self.url = self.postgres.url("darezone")

    def start(self) -> None:
        self.postgres.start(hold=self.lock.fileno())
        self.postgres.wait_until_ready()

    def stop(self) -> None:
        self.postgres.stop()

    def prepare(self) -> None:
        create_database(self.url)
        self.run(PREPARE, "demo")

    def another(self, name: str, *, copied: str = "template1") -> str:
        """The URL of one more database of the same server, empty unless it is a copy."""
        query(self.postgres.url("postgres"), f'CREATE DATABASE "{name}" TEMPLATE "{copied}"')
        return self.postgres.url(name)

    def run(self, *command: object, **environment: str) -> str:
        """What a command of ours says, and a failure of the test when it fails."""
        with (self.folder / "log" / "command.log").open("wb") as log:
            code = run_leashed([sys.executable, *command], env=self.environment() | environment, log=log)
        said = Path(log.name).read_text()
        assert code == 0, f"exit code {code}: {said}"
        return said

    def environment(self) -> dict[str, str]:
        """Without a cache: every read asks the database."""
        kept = {name: value for name, value in os.environ.items() if name not in production_like.NOT_OURS}
        return kept | {
            "ENVIRONMENT": "load",
            "DEBUG": "false",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "JWT_SIGNING_KEY": secrets.token_urlsafe(50),
            "DATABASE_URL": self.url,
            "REDIS_URL": os.environ["REDIS_URL"],
            "CACHE_ENABLED": "false",
            "MEDIA_ROOT": str(self.folder / "media"),
        }

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.url, autocommit=True, options="-c statement_timeout=0 -c lock_timeout=0")

    def value(self, sql: str, *values: object) -> object:
        with self.connect() as connection:
            return connection.execute(sql, values).fetchone()[0]

    def kill_connections(self) -> int:
        """Of the server, as an administrator or a failover does."""
        sql = "SELECT count(pg_terminate_backend(pid, 2000)) FROM pg_stat_activity WHERE application_name = %s"
        return self.value(sql, "darezone-web")


@contextlib.contextmanager
def database(*, prepared: bool = True) -> Iterator[Database]:
    folder = Path(tempfile.mkdtemp(prefix="darezone-deployment-")).resolve()
    folder.chmod(0o711)  # PostgreSQL may run as another user, see identity.py
    made = Database(folder)
    try:
        made.start()
        if prepared:
            made.prepare()
        yield made
    finally:
        made.stop()
        made.lock.close()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def server(database: Database, *, workers: int = 1, threads: int = 4, **changes: str) -> Iterator["Server"]:
    options = argparse.Namespace(workers=workers, threads=threads)
    environment = database.environment() | serve.environment(options) | changes
    name = f"server-{secrets.token_hex(4)}"
    with production_like.server(database.folder, environment, options=options, name=name) as started:
        yield Server(started.port, database.folder / "log" / f"{name}.log", started.pid)
    shutil.rmtree(environment["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)


class Answer(NamedTuple):
    what: str
    status: int
    body: dict
    retry_after: str | None
    started: float
    seconds: float

    @property
    def ended(self) -> float:
        return self.started + self.seconds


class Server(NamedTuple):
    port: int
    log: Path
    leash: int

    @property
    def pid(self) -> int:
        """Of the process that takes signals."""
        return children(self.leash)[0]

    def workers(self) -> list[int]:
        return children(self.pid)

    def listening(self) -> int:
        """Workers that have loaded the application: each listens for itself. One that still loads hears no signal."""
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(row[1].endswith(f":{self.port:04X}") and row[3] == "0A" for row in rows)

    def log_in(self, name: str) -> "Person":
        return self.enter("login", email=f"{name}@example.com", password=PASSWORD)

    def sign_up(self, name: str) -> "Person":
        """In Ann's zone: a board shows the day of who looks at it, and hers begins seven hours before UTC's."""
        whom = {"email": f"{name}@example.com", "display_name": name, "timezone": "Asia/Ho_Chi_Minh"}
        return self.enter("signup", password=PASSWORD, **whom)

    def enter(self, door: str, **body: str) -> "Person":
        answer = Person(self.port, {}).post(f"/auth/{door}", body)
        assert answer.status in (200, 201), answer
        return Person(self.port, {"Authorization": f"Bearer {answer.body['access_token']}"})


def children(pid: int) -> list[int]:
    """None once it has ended."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def until(condition: Callable[[], bool], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not happen within {seconds} s"
        time.sleep(0.02)  # noqa: TID251


def day(offset: int) -> str:
    """So many days from today."""
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + offset * 86_400))


class Person(NamedTuple):
    port: int
    headers: dict[str, str]

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, body: dict | None = None) -> Answer:
        return self.ask_json("POST", path, body or {})

    def ask_json(self, method: str, path: str, body: dict) -> Answer:
        return self.ask(method, path, json.dumps(body).encode())

    def ask(self, method: str, path: str, body: bytes | None = None) -> Answer:
        connection, started = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40), time.monotonic()
        try:
            connection.request(method, f"/api/v1{path}", body, self.headers | {"Content-Type": "application/json"})
            response = connection.getresponse()
            content = json.loads(response.read() or b"null")
        finally:
            connection.close()
        retry_after, seconds = response.getheader("Retry-After"), time.monotonic() - started
        return Answer(f"{method} {path}", response.status, content, retry_after, started, seconds)

    def create_challenge(self, name: str, *, in_days: int = 0) -> Answer:
        """One more row each time it takes effect: nothing would stop a second."""
        body = {"name": name, "start_date": day(in_days), "end_date": day(30), "habit_ids": [HABIT], "type": "group"}
        return self.post("/challenges", body | {"max_members": 50, "require_evidence": False})


class Load:
    """Threads that read and write until the block ends; `answers` holds what they saw."""

    def __init__(self, person: Person, *, threads: int = 4):
        self.person, self.over = person, threading.Event()
        self.answers: list[Answer] = []
        self.created: dict[str, int] = {}
        self.threads = [threading.Thread(target=self.run, args=(number,)) for number in range(threads)]

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *exc) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(60)

    def run(self, number: int) -> None:
        turn = 0
        while not self.over.wait(0.005):
            turn, name = turn + 1, f"load {number} {turn} {secrets.token_hex(4)}"
            self.answers += [self.person.get("/users/me"), self.person.get("/challenges?limit=5")]
            written = self.person.create_challenge(name)
            self.created[name] = written.status
            self.answers.append(written)

    def settle(self) -> None:
        """Until each thread has the answer to what it is asking: one write or more since now."""
        before = self.writes()
        until(lambda: all(self.writes()[number] > before[number] for number in range(len(self.threads))))

    def writes(self) -> Counter[int]:
        return Counter(int(name.split()[1]) for name in list(self.created))

    def __str__(self) -> str:
        found = Counter((answer.what.split()[0], answer.status) for answer in self.answers)
        return f"{dict(found)}, slowest {max(answer.seconds for answer in self.answers):.1f} s"

    def statuses(self, method: str = "") -> set[int]:
        return {answer.status for answer in self.answers if answer.what.startswith(method)}
