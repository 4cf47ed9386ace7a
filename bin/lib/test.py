"""Lint, checks and the whole suite, on PostgreSQL and Valkey of their own in a temporary folder.

Arguments go to pytest: bin/test apps/checkins -k streak. Stops at the first step that fails, with its exit code.
DATABASE_URL and REDIS_URL of the environment are used where they are set; .env is not read.

bin/test --through-pgbouncer [PYTEST ARGUMENT ...] runs nothing but the tests of the API (those in apps/, unless you
name others), all of them through PgBouncer in transaction mode. docs/connections.md tells what that proves.
"""

import contextlib
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import packages
import pgbouncer
import pooled_tests
import sharing
from checkout import ROOT
from processes import exit_on_signals, run_in_front
from services import Services

PREFIX = "darezone-test-"
THROUGH = "--through-pgbouncer"


def main() -> None:
    if sys.argv[1:] in (["--help"], ["-h"]):
        print(f"usage: bin/test [PYTEST ARGUMENT ...]\n\n{__doc__}")
        return
    exit_on_signals()
    packages.enter()
    remove_leftovers()
    with temporary_folder() as folder, Services(folder, durable=False) as services:
        environment = services.environment("darezone") | {"ENVIRONMENT": "test"}
        sys.exit(through_pgbouncer(services, environment) if THROUGH in sys.argv else every_step(environment))


def every_step(environment: dict[str, str]) -> int:
    for name, command, extra in steps(sys.argv[1:]):
        if code := run_step(name, command, environment | extra):
            return code
    return 0


def through_pgbouncer(services: Services, environment: dict[str, str]) -> int:
    if not services.postgres:
        raise SystemExit(f"{THROUGH} starts a PostgreSQL of its own: unset DATABASE_URL")
    arguments = [word for word in sys.argv[1:] if word != THROUGH] or ["apps"]
    with pgbouncer.PgBouncer(services.postgres) as pooler:
        environment |= pooled_tests.environment(pooler, environment)
        command = [sys.executable, "-m", "pytest", *pooled_tests.OPTIONS, *arguments]
        return run_step("tests through PgBouncer", command, environment)


def steps(pytest_arguments: list[str]) -> list[tuple[str, list[str], dict[str, str]]]:
    python = [sys.executable, "-m"]
    manage = [sys.executable, str(ROOT / "manage.py")]
    spectacular = ["spectacular", "--validate", "--fail-on-warn", "--file", os.devnull]
    return [
        ("lint", [*python, "ruff", "check", "."], {}),
        ("format", [*python, "ruff", "format", "--check", "."], {}),
        ("migrations", [*manage, "makemigrations", "--check", "--dry-run"], {}),
        ("checks", [*manage, "check", "--database", "default"], {}),
        ("production", [*manage, "check", "--deploy", "--fail-level", "WARNING"], production()),
        ("OpenAPI", [*manage, *spectacular], {}),
        ("tests", [*python, "pytest", *pytest_arguments], {}),
    ]


def production() -> dict[str, str]:
    return {
        "ENVIRONMENT": "production",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "JWT_SIGNING_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "api.example.com",
        "PUBLIC_BASE_URL": "https://api.example.com",
    }


def run_step(name: str, command: list[str], environment: dict[str, str]) -> int:
    print(f"== {name}", flush=True)
    started = time.monotonic()
    code = run_in_front(command, env=environment)
    if code:
        print(f"== {name}: exit code {code} after {time.monotonic() - started:.1f} s", file=sys.stderr)
    return code


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
    folder.chmod(0o711)  # PostgreSQL may run as another user, see identity.py
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers() -> None:
    """A run that was killed could not remove its folder; one that nobody holds the lock of is such a one."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # just made and not yet locked, or of another user
            if not sharing.is_owned(folder):
                shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
