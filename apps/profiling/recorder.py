"""Notes what each request costs. A request only leaves a note; a thread adds the notes up and stores the sums every ten
seconds, in batches, over a connection of its own. What finds no room is dropped and counted, never waited for.
"""

import atexit
import logging
import os
import threading
import time
from collections import deque
from multiprocessing.util import Finalize
from typing import Any

import psycopg
from django.conf import settings
from prometheus_client import Counter

from apps.core import clock, measured
from apps.core.measured import Measured
from apps.profiling import storing
from apps.profiling.sums import Answered, Sums

MOST_WAITING = 20_000
MOST_OF_A_REQUEST = 500
LONGEST_ROUTE = 200
LOOK_SECONDS, STORE_SECONDS, CLEAN_SECONDS = 1.0, 10.0, 3600.0
STOP_SECONDS = 3.0

logger = logging.getLogger("darezone.recorder")
DROPPED = Counter("darezone_recorder_dropped", "Requests and statements that the recorder had no room for")


class Recorder:
    """One per process. `start` makes it listen; its thread begins with the first request, so after any fork."""

    def __init__(self):
        self.begin_anew()

    def begin_anew(self) -> None:
        """Also in a forked child, where the thread does not exist and the notes are the parent's."""
        self.notes: deque[Answered] = deque()
        self.sums = Sums()
        self.told: set[str] = set()
        """Fingerprints whose text has been stored in this hour."""
        self.thread: threading.Thread | None = None
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self.store_at = self.clean_at = 0.0

    def start(self) -> None:
        if self.note_request not in measured.request_watchers:
            measured.statement_watchers.append(self.note_statement)
            measured.request_watchers.append(self.note_request)
            os.register_at_fork(after_in_child=self.begin_anew)

    def stop(self) -> None:
        """Stores what there is. Nothing is noted afterwards."""
        for watchers, watch in (
            (measured.statement_watchers, self.note_statement),
            (measured.request_watchers, self.note_request),
        ):
            if watch in watchers:
                watchers.remove(watch)
        self.stopping.set()
        if self.thread:
            self.thread.join(STOP_SECONDS)

    def note_statement(self, cost: Measured, sql: Any, seconds: float, context: dict) -> None:
        trace = cost.trace
        if trace is None:
            if cost.request is None:
                return self._note_outside(sql, seconds, context)
            trace = cost.trace = []
        if len(trace) < MOST_OF_A_REQUEST:
            trace.append((sql, seconds, context["cursor"].rowcount))

    def note_request(self, cost: Measured, method: str, route: str) -> None:
        self._note(
            (
                *(
                    method,
                    route[:LONGEST_ROUTE],
                    cost.request_id,
                    cost.status,
                    "HTTP_IDEMPOTENCY_KEY" in cost.request.META,
                ),
                *(cost.seconds, cost.sql_seconds, cost.cache_seconds),
                *(cost.cache_hits, cost.cache_misses, cost.cache_trips, cost.bytes, cost.trace),
            )
        )

    def _note_outside(self, sql: Any, seconds: float, context: dict) -> None:
        """Of what belongs to no request only a slow statement is noted."""
        if seconds * 1000 >= settings.SLOW_QUERY_MS:
            trace = [(sql, seconds, context["cursor"].rowcount)]
            self._note(("-", "-", "-", 0, False, seconds, seconds, 0.0, 0, 0, 0, 0, trace))

    def _note(self, note: tuple) -> None:
        if len(self.notes) >= MOST_WAITING:
            return DROPPED.inc()
        self.notes.append(note)
        if self.thread is None:
            self._start_thread()

    def _start_thread(self) -> None:
        with self.lock:
            if self.thread is None:
                self.thread = threading.Thread(target=self._run, name="recorder", daemon=True)
                self.thread.start()
                atexit.register(self.stop)
                Finalize(None, self.stop, exitpriority=1)  # a process of multiprocessing ends past atexit

    def _run(self) -> None:
        self.store_at = time.monotonic() + STORE_SECONDS
        while not self.stopping.wait(LOOK_SECONDS):
            self.look(storing=time.monotonic() >= self.store_at)
        self.look(storing=True)

    def look(self, *, storing: bool) -> None:
        try:
            self.add_up()
            if storing:
                self.store()
        except Exception:  # whatever it is, the next requests are noted again
            logger.exception("What some requests cost is lost.")

    def add_up(self) -> None:
        """What is noted meanwhile waits for the next time."""
        notes = [self.notes.popleft() for _ in range(len(self.notes))]
        self.sums.add(notes, clock.now(), settings.SLOW_QUERY_MS)

    def store(self) -> None:
        """Keeps the sums when the database is away: they are few, however many requests they are of."""
        self.store_at = time.monotonic() + STORE_SECONDS
        if self.sums.is_empty:
            return
        if self.sums.dropped:
            DROPPED.inc(self.sums.dropped)
            self.sums.dropped = 0
        texts = self.sums.texts
        self.sums.texts = {name: known for name, known in texts.items() if name not in self.told}
        try:
            storing.store(self.sums, clock.now())
            self.told |= texts.keys()
            self.sums = Sums()
            self._clean_now_and_then()
        except psycopg.Error as error:
            logger.warning("What requests cost is kept for later: %s", type(error).__name__)

    def _clean_now_and_then(self) -> None:
        if time.monotonic() >= self.clean_at:
            self.clean_at = time.monotonic() + CLEAN_SECONDS
            self.told.clear()
            storing.clean(clock.now())


recorder = Recorder()
