"""The virtual environment in .venv, made and updated when requirements.txt or the Python asks for it."""

import contextlib
import fcntl
import hashlib
import os
import platform
import sys
from collections.abc import Iterator
from functools import partial

import compiled_hash
from checkout import ROOT
from processes import run_leashed

REQUIREMENTS = ROOT / "requirements.txt"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"
UV = "uv==0.13.9"


def enter() -> None:
    """Continue inside .venv, set up first where needed. An environment named by DAREZONE_PYTHON is taken as it is."""
    if os.environ.get("DAREZONE_PYTHON") and sys.prefix != sys.base_prefix:
        return
    if not is_current():
        with set_up_lock() as lock:
            if not is_current():
                set_up(lock)
    if not (VENV.exists() and os.path.samefile(sys.prefix, VENV)):
        os.execv(PYTHON, [PYTHON, *sys.argv])  # noqa: S606


def is_current() -> bool:
    return PYTHON.exists() and installed() == [this_machine(), wanted()]


def installed() -> list[str]:
    return STAMP.read_text().splitlines() if STAMP.exists() else ["", ""]


def this_machine() -> str:
    # What was compiled for one CPU does not run on every other.
    return f"{platform.python_version()} {sys.base_prefix} {compiled_hash.level()}".rstrip()


def wanted() -> str:
    return hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()


@contextlib.contextmanager
def set_up_lock() -> Iterator[int]:
    with REQUIREMENTS.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def set_up(lock: int) -> None:
    print(f"setting up .venv with Python {platform.python_version()} ...", file=sys.stderr, flush=True)
    same_machine = installed()[0] == this_machine()
    STAMP.unlink(missing_ok=True)
    if not same_machine:
        must(
            run(lock, sys._base_executable, "-m", "venv", "--clear", VENV), "the virtual environment could not be made"
        )
    if not install_with_uv(lock):
        print("uv did not work here, trying pip ...", file=sys.stderr, flush=True)
        must(
            run(lock, PYTHON, "-m", "pip", "install", "-qq", "-r", REQUIREMENTS), "the packages could not be installed"
        )
    if compiled_hash.level() and not compiled_hash.install(PYTHON, REQUIREMENTS, partial(run, lock, quiet=True)):
        print("the password hash could not be compiled for this CPU: the wheel's takes longer", file=sys.stderr)
    STAMP.write_text(f"{this_machine()}\n{wanted()}\n")


def install_with_uv(lock: int) -> bool:
    uv = VENV / "bin" / "uv"
    get = [PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check", UV]
    # --exact also removes what requirements.txt no longer names.
    install = [uv, "pip", "install", "-q", "--exact", "--python", PYTHON, "-r", REQUIREMENTS, UV, "pip"]
    if sys.dont_write_bytecode:  # then nothing else would compile the packages, and each start takes two seconds more
        install.append("--compile-bytecode")
    return (uv.exists() or run(lock, *get) == 0) and run(lock, *install) == 0


def run(lock: int, *command, quiet=False, env=None) -> int:
    # The leash holds the lock too: after kill -9 the next run waits until this one's installer is gone.
    with open(os.devnull, "w") if quiet else contextlib.nullcontext() as log:
        return run_leashed(command, hold=[lock], log=log, env=env)


def must(code: int, failure: str) -> None:
    if code:
        raise SystemExit(f"{failure} (exit code {code}, see above)")
