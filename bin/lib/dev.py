"""From nothing to a running server with demo data.

Makes .venv, starts PostgreSQL and Valkey unless DATABASE_URL / REDIS_URL are set, migrates, seeds, serves with
autoreload and a worker for jobs beside it, prints URLs and log-ins. Data stays in .local/dev, or in DAREZONE_STATE;
remove the folder to start anew.
Each size has a database of its own; with a DATABASE_URL that database is used, and seeded only when it has no users.
Only one bin/dev runs on a state folder: for a second one set DAREZONE_STATE and --port.
"""

import argparse
import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator

import packages
from checkout import PREPARE, ROOT, help_parser, load_env_file, state
from processes import Leashed, exit_on_signals, in_front, run_in_front
from readiness import is_free, wait_until_ready
from services import Services
from worker import worker as worker_command

SIZES = ("demo", "load", "large", "none")
RELOAD = 3  # how runserver's own process says that a file changed


def main() -> None:
    options = parse()
    exit_on_signals()
    packages.enter()
    load_env_file()
    if not is_free(options.port):
        sys.exit(f"bin/dev: port {options.port} is taken; choose another one: bin/dev --port {options.port + 1}")
    options.url = f"http://127.0.0.1:{options.port}"
    folder = state("dev")
    with Services(folder) as services:
        environment = services.environment(f"darezone_{options.size}")
        environment = {"ENVIRONMENT": "development", "DAREZONE_BASE_URL": options.url} | environment
        services.publish(environment)
        logins = folder / "logins.txt"
        quick = environment | {"DEBUG": "false"}  # the debug toolbar takes a third of a second to load
        if code := run_in_front([sys.executable, PREPARE, options.size, logins], env=quick):
            sys.exit(code)
        sys.exit(serve(options, environment, greeting=welcome(options.url, logins.read_text())))


def parse() -> argparse.Namespace:
    parser = help_parser("bin/dev", __doc__)
    parser.add_argument("--port", type=int, default=8000, help="8000")
    parser.add_argument("--size", choices=SIZES, default="demo", help="the data it starts with (demo)")
    return parser.parse_args()


def serve(options: argparse.Namespace, environment: dict[str, str], *, greeting: str) -> int:
    """We are runserver's reloader (RUN_MAIN says so to it), which saves one more start of Django."""
    command = [sys.executable, ROOT / "manage.py", "runserver", f"127.0.0.1:{options.port}"]
    code = RELOAD
    while code == RELOAD:
        with in_front(command, env=environment | {"RUN_MAIN": "true"}) as server:
            is_ready = wait_until_ready(options.port, ended_within=ends_within(server), seconds=60)
            if greeting and is_ready:
                print(greeting, flush=True)
                greeting = ""
            with worker_beside(environment) if is_ready else contextlib.nullcontext():
                code = server.wait()
    return code


@contextlib.contextmanager
def worker_beside(environment: dict[str, str]) -> Iterator[None]:
    """Started when the server is ready, so as not to delay it; anew with each reload, so that it has the same code."""
    worker = Leashed(worker_command(), env=environment)
    try:
        yield
    finally:
        worker.stop()


def ends_within(server: subprocess.Popen) -> Callable[[float], bool]:
    def check(seconds: float) -> bool:
        try:
            server.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    return check


def welcome(url: str, logins: str) -> str:
    return f"""
DareZone is ready.

  API    {url}/api/v1
  Docs   {url}/docs
  Admin  {url}/admin/

{logins}
Ctrl-C stops it."""


if __name__ == "__main__":
    main()
