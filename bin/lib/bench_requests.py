"""The requests of a bench, made by manage.py bench_workload with the project's own tokens and views."""

import pickle
import sys
from pathlib import Path

import generator
from checkout import ROOT
from processes import run_in_front
from production_like import QUIET

MOST_CHECK_INS = 40_000


def made(names: list[str], size: str, folder: Path, environment: dict[str, str], *, people: int, more=()):
    """The workload of a database, and the file in which the floor finds it."""
    file = folder / f"workload-{size}.pickle"
    command = [sys.executable, ROOT / "manage.py", "bench_workload", file, *names]
    command += ["--people", people, "--check-ins", MOST_CHECK_INS, *more]
    if run_in_front(command, env=environment | QUIET):
        raise SystemExit("the requests could not be prepared")
    return pickle.loads(file.read_bytes()), str(file)  # noqa: S301 - written just now


def as_bytes(request: dict) -> bytes:
    headers = {"Host": "127.0.0.1", "Authorization": f"Bearer {request['token']}"}
    if "body" in request:
        return generator.post(request["path"], headers, request["body"])
    return generator.get(request["path"], headers)
