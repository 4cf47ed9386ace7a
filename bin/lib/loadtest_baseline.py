"""This checkout beside an earlier commit: both servers stand, and a profile runs against them in the order ABBA. A
machine that becomes slower or faster meanwhile does so for both. Where they seem to differ, four more runs must agree.
Each build has a database and a cache of its own."""

import argparse
import contextlib
import io
import subprocess
import sys
import tarfile
from pathlib import Path

from checkout import ROOT
from loadtest_side import Side
from services import Services

INVALID = 2
ROUNDS = 2


def in_turns(options: argparse.Namespace, state: Path, services: Services) -> int:
    """The exit code is that of the comparison: 0 nothing is slower, 1 something is, 2 they cannot be compared."""
    sys.path.append(str(ROOT))
    from locustfiles import compare, record

    build = checked_out(options.baseline, state / "builds")
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(Side(options, state, services))
        theirs = stack.enter_context(Side(options, state, services, root=build, name="baseline"))
        first, second = [], []
        for _ in range(ROUNDS):
            for side, runs in ((theirs, first), (ours, second), (ours, second), (theirs, first)):
                side.attack()
                if not (side.folder / record.RUN).exists():
                    return INVALID
                runs.append(record.read(side.folder))
            if not compare.differ(first, second):
                break
    if not all([theirs.audit(), ours.audit()]):
        return INVALID
    return compare.told(first, second, names=[options.baseline, "this checkout"])


def checked_out(commit: str, builds: Path) -> Path:
    """Its files, without a trace in the repository."""
    name = git("rev-parse", "--short=12", f"{commit}^{{commit}}").decode().strip()
    folder, part = builds / name, builds / f"{name}.part"
    if not folder.exists():
        with tarfile.open(fileobj=io.BytesIO(git("archive", "--format=tar", name))) as files:
            files.extractall(part, filter="data")
        part.rename(folder)
    return folder


def git(*arguments: str) -> bytes:
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
