"""Single flight: of threads that need the same thing at the same time one makes it, the others take it."""

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from math import inf

REMEMBERED_SECONDS, MOST_REMEMBERED = 1.0, 1000


class Flights[T]:
    """`patience` is how long a follower waits before it makes the thing itself."""

    def __init__(self, *, patience: float = 5.0):
        self.patience = patience
        self.lock = threading.Lock()
        self.known: dict[Hashable, _Flight[T]] = {}
        self.landed: deque[tuple[Hashable, _Flight[T]]] = deque()

    def take(self, key: Hashable, make: Callable[[], T], *, since: float = inf) -> tuple[T, bool]:
        """The thing, and whether another thread made it. An error stays with the thread that made it: the others make
        the thing themselves.

        A flight that landed after `since` (time.perf_counter()) was under way then: it is followed as well, or of a
        hundred readers that find nothing most would come too late for the first one's flight and make their own.
        """
        with self.lock:
            flight = self.known.get(key)
            follows = flight is not None and flight.landed_at >= since
            if not follows:
                flight = self.known[key] = _Flight()
        if not follows:
            return self._lead(key, flight, make), False
        if flight.landed.wait(self.patience) and flight.succeeded:
            return flight.result, True
        return make(), False

    def _lead(self, key: Hashable, flight: "_Flight[T]", make: Callable[[], T]) -> T:
        try:
            flight.result = make()
            flight.succeeded = True
            return flight.result
        finally:
            with self.lock:
                self._land(key, flight)
            flight.landed.set()

    def _land(self, key: Hashable, flight: "_Flight[T]") -> None:
        if not flight.succeeded:
            del self.known[key]
            return
        flight.landed_at = time.perf_counter()
        self.landed.append((key, flight))
        while len(self.landed) > MOST_REMEMBERED or self.landed[0][1].landed_at < flight.landed_at - REMEMBERED_SECONDS:
            old, gone = self.landed.popleft()
            if self.known.get(old) is gone:
                del self.known[old]


class _Flight[T]:
    result: T
    succeeded = False
    landed_at = inf

    def __init__(self):
        self.landed = threading.Event()
