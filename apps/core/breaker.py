"""A breaker: after three failures in a row nobody asks, until a thread of its own has found the server again."""

import logging
import threading
from collections.abc import Callable

from apps.core.cache_numbers import OPEN

logger = logging.getLogger("darezone.cache")


class Breaker:
    """`recover` is called every `pause` seconds while the breaker is open, and closes it by not raising.

    No request ever tries: with a server that hangs, each try costs its caller the whole time-out.
    """

    def __init__(self, recover: Callable[[], None], *, failures: int = 3, pause: float = 2.0):
        self.recover, self.allowed, self.pause = recover, failures, pause
        self.lock = threading.Lock()
        self.is_open = False
        self.failures = 0
        self.rescuer: threading.Thread | None = None

    def succeeded(self) -> None:
        if self.failures:
            self.failures = 0

    def failed(self, error: Exception) -> None:
        with self.lock:
            self.failures += 1
            must_open = self.failures >= self.allowed
        if must_open:
            self.open(repr(error))

    def open(self, reason: str) -> None:
        with self.lock:
            if self.is_open:
                return
            self.is_open = True
            rescuer = threading.Thread(target=self._try_until_it_works, name="cache-breaker", daemon=True)
            self.rescuer = rescuer
        OPEN.inc()
        logger.warning("The cache server is left alone: %s", reason)
        rescuer.start()

    def close_unless(self, reason_to_stay: Callable[[], bool]) -> bool:
        """Closes and answers True; stays open when `reason_to_stay` holds at this very moment."""
        with self.lock:
            if reason_to_stay():
                return False
            self.is_open, self.failures = False, 0
        OPEN.dec()
        logger.warning("The cache server is asked again.")
        return True

    def _try_until_it_works(self) -> None:
        stop = threading.Event()
        # One that is opened again has a new thread: two would close it while one still deletes what was lost.
        while self.is_open and self.rescuer is threading.current_thread():
            stop.wait(self.pause)
            try:
                self.recover()
            except Exception as error:
                logger.info("The cache server does not answer yet: %r", error)
