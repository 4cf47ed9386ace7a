"""The server, exactly as production starts it: granian, WSGI, worker processes with blocking threads.

Takes everything else from the environment: ENVIRONMENT, SECRET_KEY, JWT_SIGNING_KEY, DATABASE_URL, REDIS_URL, ...
"""

import argparse
import os
import sys
import tempfile

import packages
from checkout import ROOT, help_parser, load_env_file
from processes import exit_on_signals

APPLICATION = "darezone.wsgi:application"


def main() -> None:
    exit_on_signals()
    load_env_file()
    options = parse()
    packages.enter()
    os.chdir(ROOT)
    os.environ |= environment(options)
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
    return size | {"PROMETHEUS_MULTIPROC_DIR": tempfile.mkdtemp(prefix="darezone-metrics-")}


def granian(*, host: str, port: int, options: argparse.Namespace, application: str = APPLICATION) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", application),
        *("--interface", "wsgi", "--http", "1", "--no-ws"),
        *("--host", host, "--port", str(port)),
        *("--workers", str(options.workers), "--blocking-threads", str(options.threads)),
        *("--backlog", "1024", "--http1-buffer-size", "131072", "--http1-header-read-timeout", "10000"),
        *("--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "30"),
        *("--log-level", "warning", "--no-access-log"),
    ]


def cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


if __name__ == "__main__":
    main()
