"""What callers see of one server while it is reloaded, and while others hold its connections and hardly speak."""

import contextlib
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator

import generator
import meters
from bench_phases import Side
from slow_clients import KINDS, SlowClients

CALLERS, RELOADS = 4, 2
WINDOW_SECONDS, SETTLED_SECONDS, LONGEST_RELOAD = 4.0, 1.5, 180


def beside_slow_clients(side: Side, call: tuple[bytes, bytes]) -> dict[str, int]:
    """Requests of others answered in four seconds: without slow clients, then beside 40 of each kind."""
    served = {"none": served_in_window(side, call)}
    for kind in KINDS:
        with SlowClients(side.port, kind):
            time.sleep(SETTLED_SECONDS)
            served[kind] = served_in_window(side, call)
        time.sleep(SETTLED_SECONDS)
    return served


def served_in_window(side: Side, call: tuple[bytes, bytes]) -> int:
    with calling(side, call) as outcomes:
        time.sleep(WINDOW_SECONDS)
        return outcomes["answered"]


def reloaded(side: Side, call: tuple[bytes, bytes]) -> dict[str, float]:
    """Outcomes of calls while it was reloaded, all times together, and the mean seconds of a reload."""
    took = 0.0
    with calling(side, call) as outcomes:
        for _ in range(RELOADS):
            time.sleep(SETTLED_SECONDS)
            took += reload(side)
        time.sleep(SETTLED_SECONDS)
    return {"answered": 0, "refused": 0, "lost": 0, **outcomes, "seconds": took / RELOADS}


def reload(side: Side) -> float:
    """Until every worker is another one; a new one may still be loading then."""
    (server,) = meters.children(side.pid)
    before, started = set(meters.children(server)), time.monotonic()
    os.kill(server, signal.SIGHUP)
    while before & (now := set(meters.children(server))) or len(now) < len(before):
        if time.monotonic() - started > LONGEST_RELOAD:
            raise SystemExit(f"{side.name} was not reloaded within {LONGEST_RELOAD} s")
        time.sleep(0.05)
    return time.monotonic() - started


@contextlib.contextmanager
def calling(side: Side, call: tuple[bytes, bytes]) -> Iterator[Counter]:
    """Four callers, each with a new connection for each request, until the block ends; yields what became of them."""
    outcomes, over = Counter(), threading.Event()

    def run() -> None:
        while not over.is_set():
            outcomes[outcome(side.port, *call)] += 1

    threads = [threading.Thread(target=run) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    try:
        yield outcomes
    finally:
        over.set()
        for thread in threads:
            thread.join()


def outcome(port: int, request: bytes, wanted: bytes) -> str:
    try:
        (answer,) = generator.ask(port, [request])
    except ConnectionRefusedError:
        return "refused"  # whoever calls knows that nothing was done
    except (OSError, ValueError):
        return "lost"
    return "answered" if answer == wanted else "lost"
