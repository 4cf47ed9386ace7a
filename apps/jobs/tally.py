"""The batches of a run: what they did, and which of them failed without stopping the others."""

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from apps.core.logs import masked

logger = logging.getLogger("darezone.jobs")

MOST_ROWS = 500
MOST_ERRORS = 20
# Set when the process is asked to stop: what is left over is taken by the next run.
stopping = threading.Event()


class Tally:
    def __init__(self, name: str, counts: Iterable[str]):
        self.name = name
        self.counts: Counter[str] = Counter(dict.fromkeys(counts, 0))
        self.errors: list[str] = []

    def in_batches(
        self, ids: Iterable[UUID], step: Callable[[list[UUID]], Mapping[str, int]], *, size: int = MOST_ROWS
    ) -> None:
        """Gives `step` the ids, `size` of them at a time; it is one transaction each time and says what it counted.

        A batch that fails is halved until the row that is to blame is alone; the rest goes on. A database that is away
        or busy blames no row: the batch waits for the next run.
        """
        ids = sorted(ids)  # the order in which all writers lock
        waiting = deque(ids[start : start + size] for start in range(0, len(ids), size))
        while waiting and self.goes_on():
            batch = waiting.popleft()
            try:
                self.counts.update(step(batch))
            except Exception as error:
                if len(batch) == 1 or isinstance(error, OperationalError | InterfaceError) or self.is_hopeless():
                    self.fail(error)
                else:
                    half = len(batch) // 2
                    waiting.extendleft((batch[half:], batch[:half]))

    def goes_on(self) -> bool:
        return not stopping.is_set()

    def is_hopeless(self) -> bool:
        """So many have failed that it is not the rows."""
        return len(self.errors) >= MOST_ERRORS

    def fail(self, error: Exception) -> None:
        """Logged once, with its traceback; the run goes on."""
        logger.error("job batch failed", exc_info=error, extra={"fields": {"job": self.name}})
        if not self.is_hopeless():
            self.errors.append(f"{type(error).__name__}: {masked(str(error))}"[:500])
        if connection.connection is not None and connection.connection.closed:
            connection.close()  # lost: the next statement gets another
