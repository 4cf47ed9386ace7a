"""The server of a load run or a bench: what bin/serve starts, with data of today and secrets of its own."""

import argparse
import contextlib
import json
import re
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from urllib.request import Request, urlopen

import serve
from checkout import PREPARE, ROOT
from postgres import drop_database, label_of, set_label
from processes import Leashed, run_in_front
from readiness import free_port, wait_until_ready
from services import Services

# Of the caller's environment these are not used: a run writes, and what it measures is the stock server.
NOT_OURS = (
    *("DATABASE_URL", "DATABASE_DIRECT_URL", "DATABASE_POOLER", "DATABASE_POOL_SIZE", "DATABASE_MAX_CONNECTIONS"),
    *("DATABASE_REPLICA_URL", "REDIS_URL", "WEB_INSTANCES", "DAREZONE_PROFILE", "DAREZONE_SERVES"),
    *("THROTTLE_ENABLED", "THROTTLE_REDIS_URL", "MEDIA_ROOT"),
)
# Commands beside the server: their requests and long statements are nobody's business.
QUIET = {"LOG_LEVEL": "ERROR"}


class Started(NamedTuple):
    port: int
    pid: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def seconds(text: str) -> int:
    match = re.fullmatch(r"(\d+)([smh]?)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 45, 45s, 10m or 1h")
    return int(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


def prepare(
    size: str, services: Services, *, options: argparse.Namespace, root: Path = ROOT, suffix: str = ""
) -> dict[str, str]:
    """The environment of the server, with a database seeded today. Another build in `root` has one of its own."""
    database = f"darezone_{size}{suffix}"
    url, today = services.postgres.url(database), time.strftime("seeded %Y-%m-%d", time.gmtime())
    today += f" by {root.name}" if suffix else ""
    if options.fresh or label_of(url) != today:
        drop_database(url)
    environment = services.environment(database) | {
        "ENVIRONMENT": "load",
        "LOG_FORMAT": "json",  # as in production
        "DEBUG": "false",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "JWT_SIGNING_KEY": secrets.token_urlsafe(50),
        **serve.environment(options),
    }
    if run_in_front([sys.executable, root / PREPARE.relative_to(ROOT), size], env=environment):
        raise SystemExit("the database could not be migrated and seeded")
    set_label(url, today)
    return environment


@contextlib.contextmanager
def server(
    folder: Path,
    environment: dict[str, str],
    *,
    options: argparse.Namespace,
    name: str = "server",
    application: str = serve.APPLICATION,
    command: Callable[..., list[str]] = serve.granian,
    root: Path = ROOT,
) -> Iterator[Started]:
    """Ready to answer, its log in `folder`. Another `application` or `root` runs under the same command line, and ours
    under another `command`."""
    port, log_path = free_port(), folder / "log" / f"{name}.log"
    words = command(host="127.0.0.1", port=port, options=options, application=application)
    serve.allow_files()
    with log_path.open("wb") as log:
        process = Leashed(words, log=log, env=environment, cwd=root)
    try:
        if not wait_until_ready(port, ended_within=process.ended_within, seconds=60):
            raise SystemExit(f"the {name} did not become ready:\n{log_path.read_text(errors='replace')[-3000:]}")
        yield Started(port, process.process.pid)
    finally:
        process.stop()


def warm_up(url: str) -> None:
    """A process that has just started imports, connects and compiles on its first calls: those are not measured."""
    with ThreadPoolExecutor(max_workers=8) as threads:
        for call in [threads.submit(visit, url) for _ in range(48)]:
            call.result()


def visit(url: str) -> None:
    """One log-in and two reads of the account that is not among those of the run."""
    credentials = json.dumps({"email": "test@example.com", "password": "password"}).encode()
    login = Request(f"{url}/api/v1/auth/login", credentials, {"Content-Type": "application/json"})  # noqa: S310
    with urlopen(login, timeout=30) as answer:  # noqa: S310
        token = json.load(answer)["access_token"]
    for path in ("users/me", "challenges"):
        with urlopen(Request(f"{url}/api/v1/{path}", headers={"Authorization": f"Bearer {token}"}), timeout=30):  # noqa: S310
            pass
