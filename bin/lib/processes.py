"""Child processes that never outlive the command that started them."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from checkout import ROOT
from leash import end_with

LEASH = Path(__file__).with_name("leash.py")
GRACE_SECONDS = 5


class Leashed:
    """A background process with all its descendants: ends with stop(), or when this process dies, even by kill -9."""

    def __init__(self, command, *, log=None, env=None, identity="self", hold=(), cwd=ROOT):
        pipe, self._leash = os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", LEASH, str(pipe), identity, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT if log else None,
            env=env,
            cwd=cwd,
            process_group=0,  # the terminal's Ctrl-C reaches only us, so that we stop things in order
            pass_fds=(pipe, *hold),
        )
        os.close(pipe)

    def ended_within(self, seconds: float) -> bool:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def wait(self) -> int:
        return self.process.wait()

    def stop(self) -> int:
        if self._leash is not None:
            os.close(self._leash)
            self._leash = None
        return self.process.wait()


def run_leashed(command, **options) -> int:
    process = Leashed(command, **options)
    try:
        return process.wait()
    finally:
        process.stop()


def run_in_front(command, *, env=None) -> int:
    """Run a command on our terminal and answer its exit code as a shell would."""
    with in_front(command, env=env) as child:
        code = child.wait()
    return code if code >= 0 else 128 - code


@contextlib.contextmanager
def in_front(command, *, env=None) -> Iterator[subprocess.Popen]:
    """A child in our process group: it has the terminal (a shell, breakpoint()), and Ctrl-C is its to answer."""
    parent, before = os.getpid(), signal.getsignal(signal.SIGINT)
    if os.isatty(0):
        signal.signal(signal.SIGINT, leave_to_child)
    child = subprocess.Popen(
        list(map(str, command)), cwd=ROOT, env=env, preexec_fn=lambda: end_with(parent, signal.SIGTERM)
    )
    try:
        yield child
    finally:
        end(child)
        signal.signal(signal.SIGINT, before)


def end(child: subprocess.Popen) -> None:
    for stop in (child.terminate, child.kill):
        if child.poll() is None:
            stop()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(GRACE_SECONDS)


def exit_on_signals() -> None:
    """Ctrl-C, kill and a closed terminal all unwind the stack, so that every `with` cleans up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, exit_by_signal)


def exit_by_signal(number, _frame) -> None:
    raise SystemExit(128 + number)


def leave_to_child(_number, _frame) -> None:
    """A handler rather than SIG_IGN, which the child would inherit."""
