"""This checkout beside an earlier commit: both servers stand, and a profile runs against them in the order ABBA, so that
a machine that becomes slower or faster meanwhile does so for both. Each has a database of its own."""

import argparse
import contextlib
import io
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from checkout import ROOT
from production_like import Started, prepare, server, warm_up
from services import Services

sys.path.append(str(ROOT))
BASELINE, OURS = "baseline", "ours"
TURNS = (BASELINE, OURS, OURS, BASELINE)


class Side(NamedTuple):
    started: Started
    environment: dict[str, str]
    build: str


def in_turns(options: argparse.Namespace, state: Path, *, services: Services) -> int:
    """The exit code is that of the comparison: 0 nothing is slower, 1 something is, 2 they cannot be compared."""
    from loadtest_attack import attack  # needs psutil: only now the packages are there

    from locustfiles import compare, record

    roots = {BASELINE: checked_out(options.baseline, state / "builds"), OURS: ROOT}
    runs: dict[str, list[record.Record]] = {name: [] for name in roots}
    with contextlib.ExitStack() as stack:
        sides = {
            name: stack.enter_context(standing(name, root, options, state, services)) for name, root in roots.items()
        }
        for name in TURNS:
            side = sides[name]
            options.expected_build = side.build
            attack(options, state, started=side.started, services=services, environment=side.environment)
            runs[name].append(record.read((state / "latest").resolve()))
    return compare.told(runs[BASELINE], runs[OURS], names=[options.baseline, "this checkout"])


@contextlib.contextmanager
def standing(name: str, root: Path, options: argparse.Namespace, state: Path, services: Services) -> Iterator[Side]:
    from apps.core import build

    suffix = "" if root == ROOT else f"_{BASELINE}"
    environment = prepare(options.size, services, options=options, root=root, suffix=suffix)
    with server(state, environment, options=options, name=name, root=root) as started:
        warm_up(started.url)
        yield Side(started, environment, build.digest(root))


def checked_out(commit: str, builds: Path) -> Path:
    """Its files, without a trace in the repository."""
    name = git("rev-parse", "--short=12", f"{commit}^{{commit}}").decode().strip()
    folder = builds / name
    if not folder.exists():
        with tarfile.open(fileobj=io.BytesIO(git("archive", "--format=tar", name))) as files:
            files.extractall(folder, filter="data")
    return folder


def git(*arguments: str) -> bytes:
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"git {arguments[0]}: {done.stderr.decode().strip()}")
    return done.stdout
