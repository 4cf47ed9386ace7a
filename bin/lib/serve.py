"""The server, exactly as production starts it: granian, WSGI, worker processes with blocking threads.

Takes everything else from the environment: ENVIRONMENT, SECRET_KEY, JWT_SIGNING_KEY, DATABASE_URL, REDIS_URL, ...
"""

import argparse
import os
import resource
import shutil
import sys
import tempfile
from pathlib import Path

import packages
from checkout import ROOT, help_parser, load_env_file
from processes import exit_on_signals
from sharing import is_alive

APPLICATION = "darezone.wsgi:application"
METRICS = "darezone-metrics-"
MOST_CONNECTIONS, OTHER_FILES = 8192, 256  # of a process
made: set[Path] = set()


def main() -> None:
    exit_on_signals()
    load_env_file()
    options = parse()
    packages.enter()
    os.chdir(ROOT)
    os.environ |= environment(options)
    allow_files()
    command = granian(host=options.host, port=options.port, options=options)
    os.execv(command[0], command)  # noqa: S606


def parse() -> argparse.Namespace:
    parser = help_parser("bin/serve", __doc__)
    parser.add_argument(
        "--host", default=os.environ.get("HOST") or "127.0.0.1", help="address to listen on (127.0.0.1)"
    )
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000), help="PORT, or 8000")
    add_size_options(parser)
    return parser.parse_args()


def add_size_options(parser: argparse.ArgumentParser) -> None:
    workers, threads = os.environ.get("WEB_WORKERS") or cores(), os.environ.get("WEB_THREADS") or 4
    parser.add_argument("--workers", type=int, default=int(workers), help="processes: WEB_WORKERS, or the cores")
    parser.add_argument("--threads", type=int, default=int(threads), help="threads in each: WEB_THREADS, or 4")


def environment(options: argparse.Namespace) -> dict[str, str]:
    """The connection pool of each process is as large as its threads are many. Processes count into one folder."""
    size = {"WEB_WORKERS": str(options.workers), "WEB_THREADS": str(options.threads)}
    return size | {"PROMETHEUS_MULTIPROC_DIR": metrics_folder()}


def metrics_folder() -> str:
    """A new one, named for this process, which becomes the server; those of servers that have ended are removed. Who
    starts several servers gets one for each."""
    for folder in set(Path(tempfile.gettempdir()).glob(f"{METRICS}*-*")) - made:
        pid = folder.name.removeprefix(METRICS).partition("-")[0]
        if pid.isdigit() and (int(pid) == os.getpid() or not is_alive(int(pid))):
            shutil.rmtree(folder, ignore_errors=True)
    made.add(folder := Path(tempfile.mkdtemp(prefix=f"{METRICS}{os.getpid()}-")))
    return str(folder)


def granian(*, host: str, port: int, options: argparse.Namespace, application: str = APPLICATION) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", application),
        *("--interface", "wsgi", "--http", "1", "--no-ws"),
        *("--host", host, "--port", str(port)),
        *("--workers", str(options.workers), "--blocking-threads", str(options.threads)),
        *("--backlog", "1024", "--backpressure", str(max(1, files() - OTHER_FILES))),
        *("--http1-buffer-size", "131072", "--http1-header-read-timeout", "10000"),
        # What a reload leaves a new worker to load the application, before the old one stops: no end is waited for.
        *("--respawn-interval", os.environ.get("WEB_RELOAD_SECONDS") or "15"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "30"),
        *("--log-level", "warning", "--no-access-log"),
    ]


def files() -> int:
    """That a process may open: one for each connection that it keeps, and a few more, where that is allowed. Each
    client that may come back keeps one; granian's own limit is 1024 for all processes together."""
    wanted, allowed = MOST_CONNECTIONS + OTHER_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return wanted if allowed == resource.RLIM_INFINITY else min(wanted, allowed)


def allow_files() -> None:
    """To this process and to what it starts, most of all where the usual limit is 1024."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (files(), resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


def cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


if __name__ == "__main__":
    main()
