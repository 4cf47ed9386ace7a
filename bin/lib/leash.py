"""Run a command in a process group of its own, and end that group when the caller is gone, however it went.

    python -I -S leash.py PIPE IDENTITY COMMAND...

PIPE is a descriptor to read from whose other end only the caller holds: kill -9 closes it too, on every system.
IDENTITY is `self`, `map:UID` (root becomes UID in a user namespace) or `drop:UID` (root becomes UID).
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
PATIENCE_SECONDS = 30  # PostgreSQL writes a checkpoint before it goes


def main() -> None:
    pipe, identity, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # not SIG_IGN, which the command would inherit
    leash = os.getpid()

    def prepare() -> None:
        become(identity)
        end_with(leash, signal.SIGINT)

    child = subprocess.Popen(command, process_group=0, preexec_fn=prepare)
    threading.Thread(target=stop_with_caller, args=(pipe, child), daemon=True).start()
    code = child.wait()
    kill_group(child.pid)
    os._exit(code if code >= 0 else 128 - code)


def stop_with_caller(pipe: int, child: subprocess.Popen) -> None:
    os.read(pipe, 1)
    child.send_signal(signal.SIGINT)  # the orderly stop of every server here; SIGTERM lets PostgreSQL wait for clients
    time.sleep(PATIENCE_SECONDS)
    kill_group(child.pid)


def kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def become(identity: str) -> None:
    """initdb and postgres refuse to run as root."""
    how, _, uid = identity.partition(":")
    if how == "map":
        os.unshare(os.CLONE_NEWUSER)
        write("/proc/self/setgroups", "deny")
        write("/proc/self/uid_map", f"{uid} 0 1")
        write("/proc/self/gid_map", f"{uid} 0 1")
    elif how == "drop":
        os.setgroups([])
        os.setgid(int(uid))
        os.setuid(int(uid))


def end_with(parent: int, number: int) -> None:
    """Linux: a signal for this process when its parent is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


if __name__ == "__main__":
    main()
