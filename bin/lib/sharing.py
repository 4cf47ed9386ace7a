"""Who runs the services of a state folder, and who else uses them.

The owner holds an exclusive lock on services.json and writes there what others need; guests hold a shared lock on
guests.lock, so that an owner that is done can wait for them.
"""

import contextlib
import fcntl
import json
import os
import sys
import time
from pathlib import Path
from typing import IO

STOPPING_SECONDS = 40


class InUse(SystemExit):
    pass


def acquire(state: Path) -> IO:
    """Become the owner. Waits for an owner that is stopping, refuses beside one that lives."""
    file = (state / "services.json").open("a+")
    deadline = time.monotonic() + STOPPING_SECONDS
    while not lock(file, fcntl.LOCK_EX):
        owner = read(file)
        if is_alive(owner.get("pid")) or time.monotonic() > deadline:
            who = f"{owner.get('command', 'another command')} (pid {owner.get('pid', 'unknown')})"
            raise InUse(f"{who} already runs on {state}: stop it, or set DAREZONE_STATE to another folder")
        pause()
    write(file, shared=None)
    return file


def write(file: IO, *, shared: dict[str, str] | None) -> None:
    command = " ".join([f"bin/{Path(sys.argv[0]).stem}", *sys.argv[1:]])
    file.truncate(0)
    json.dump({"pid": os.getpid(), "command": command, "environment": shared}, file)
    file.flush()


def retire(file: IO) -> None:
    """From now on the others wait until we are gone."""
    file.truncate(0)


def environment_of_owner(state: Path) -> dict[str, str] | None:
    """What to set for the services another command runs here, None when nobody does. Waits while they start or stop."""
    path = state / "services.json"
    if not path.exists():
        return None
    with path.open() as file:
        while not lock(file, fcntl.LOCK_SH):
            if shared := read(file).get("environment"):
                return shared
            pause()
    return None


def is_owned(state: Path) -> bool:
    with (state / "services.json").open() as file:
        return not lock(file, fcntl.LOCK_SH)


def join(state: Path) -> IO:
    """Be counted as a guest until this process ends, whatever program it becomes."""
    file = (state / "guests.lock").open("a+")
    os.set_inheritable(file.fileno(), True)
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


def wait_for_other_guests(guest: IO) -> None:
    fcntl.flock(guest, fcntl.LOCK_EX)


def read(file: IO) -> dict:
    file.seek(0)
    with contextlib.suppress(json.JSONDecodeError):  # the owner is writing it
        return json.load(file)
    return {}


def lock(file: IO, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_alive(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def pause() -> None:
    time.sleep(0.05)
