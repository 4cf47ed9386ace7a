"""Actors on threads of their own that run step by step, in an order that a test chooses.

A reader stops before the database is read and before what it read is stored; a writer stops before its COMMIT and
before its tokens are deleted. What happens between two stops is one step.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django_redis import get_redis_connection

from apps.core import cache
from apps.core.cache_server import CacheServer

PATIENCE = 10


class Actor:
    """A thread with a database connection and a cache connection, which does one thing after another."""

    def __init__(self, *, is_writer: bool, stops_at_commit: bool):
        self.is_writer, self.stops_at_commit = is_writer, stops_at_commit
        self.jobs: queue.Queue[Callable | None] = queue.Queue()
        self.may_go, self.has_stopped = threading.Event(), threading.Event()
        self.is_done, self.last_was_sql, self.result = True, False, None
        self.thread = threading.Thread(target=self._live, daemon=True)
        self.thread.start()

    def begin(self, do: Callable) -> None:
        """It will do that; nothing happens before the first step."""
        self.is_done, self.last_was_sql, self.result = False, False, None
        self.jobs.put(do)

    def step(self) -> None:
        if self.is_done:
            return
        self.has_stopped.clear()
        self.may_go.set()
        assert self.has_stopped.wait(PATIENCE), "a step that never ends"

    def stop(self) -> None:
        """Where the actor waits for its next step."""
        self.has_stopped.set()
        assert self.may_go.wait(PATIENCE), "left alone"
        self.may_go.clear()

    def leave(self) -> None:
        self.jobs.put(None)
        self.thread.join(PATIENCE)

    def _live(self) -> None:
        actors[threading.get_ident()] = self
        connection.execute_wrappers.append(self._on_sql)
        while do := self.jobs.get():
            self.may_go.wait(PATIENCE)
            self.may_go.clear()
            try:
                self.result = do()
            except Exception as error:
                self.result = error
            self.is_done = True
            self.has_stopped.set()
        connection.close()

    def _on_sql(self, execute, *call) -> Any:
        if not (self.is_writer or self.last_was_sql or connection.in_atomic_block):
            self.stop()
        self.last_was_sql = True
        return execute(*call)

    def on_cache(self) -> None:
        """A reader stops where it turns from the database to the cache."""
        if self.last_was_sql and not self.is_writer and not connection.in_atomic_block:
            self.stop()
        self.last_was_sql = False


actors: dict[int, Actor] = {}


@contextmanager
def stage(*, readers: int, writers: int) -> Iterator[tuple[list[Actor], list[Actor]]]:
    """Readers and writers, each a process of its own as far as single flight goes.

    A single writer stops before its COMMIT as well; of several one would hold the row that another waits for.
    """
    company = [
        [Actor(is_writer=False, stops_at_commit=False) for _ in range(readers)],
        [Actor(is_writer=True, stops_at_commit=writers == 1) for _ in range(writers)],
    ]
    commit, ask, forget = BaseDatabaseWrapper.commit, cache.server.ask, cache.server.forget
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CacheServer, "_connection", patient_connection)
        patch.setattr(BaseDatabaseWrapper, "commit", lambda self: (stop_writer(at_commit=True), commit(self))[1])
        patch.setattr(cache.server, "ask", lambda *commands: (tell_actor(), ask(*commands))[1])
        patch.setattr(
            cache.server, "forget", lambda *names, **more: (stop_writer(at_commit=False), forget(*names, **more))[1]
        )
        patch.setattr(cache.flights, "take", lambda key, make, **_: (make(), False))
        try:
            yield company[0], company[1]
        finally:
            for actor in (*company[0], *company[1]):
                actor.leave()
            actors.clear()


def patient_connection(server: CacheServer) -> Any:
    """A busy machine may take its time: a time-out would be another step."""
    if not hasattr(server.threads, "patient"):
        pool = get_redis_connection(server.alias).connection_pool
        server.threads.patient = pool.connection_class(**pool.connection_kwargs | {"socket_timeout": PATIENCE})
    return server.threads.patient


def stop_writer(*, at_commit: bool) -> None:
    actor = actors.get(threading.get_ident())
    if actor and actor.is_writer and (actor.stops_at_commit or not at_commit):
        actor.stop()


def tell_actor() -> None:
    if actor := actors.get(threading.get_ident()):
        actor.on_cache()


def orders(*steps: int) -> Iterator[tuple[int, ...]]:
    """Every order of the steps of several actors: how many each has, to who is next."""
    if not any(steps):
        yield ()
    for actor, left in enumerate(steps):
        if left:
            for rest in orders(*steps[:actor], left - 1, *steps[actor + 1 :]):
                yield actor, *rest
