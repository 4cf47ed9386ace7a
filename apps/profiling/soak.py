"""Writers and readers in several processes, counting reads that are older than a write that had been answered.

Everybody is in one challenge. Each person has a writer that gives numbers as names, to the person and to the challenge
of the person; the number is told to all processes once its write has answered. A reader notes it, reads, and compares.
"""

import multiprocessing
import random
import threading
import time
from multiprocessing.sharedctypes import SynchronizedArray
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection
from django.test import RequestFactory
from django.urls import resolve

from apps.accounts.tokens import issue_access
from apps.core import cache
from apps.core.cache_numbers import HITS, MISSES, total
from apps.profiling.soak_people import Person, Place

API = "/api/v1"
READERS = 3  # with the writer as many threads as a web process has
PAUSE_SECONDS = 0.005


class Counts(NamedTuple):
    reads: int = 0
    writes: int = 0
    stale: int = 0
    failed: int = 0
    hits: float = 0
    misses: float = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*map(sum, zip(self, other, strict=True)))


class World(NamedTuple):
    """What a process must know: plain data."""

    people: list[Person]
    places: list[Place]
    seconds: float
    database: str
    cache_prefix: str


def run(people: list[Person], places: list[Place], *, seconds: float, processes: int) -> Counts:
    """What `processes` counted together."""
    # Started anew instead of forked: a fork would share the connections.
    context = multiprocessing.get_context("spawn")
    answered = context.Array("q", len(people) + len(places), lock=False)
    world = World(people, places, seconds, connection.settings_dict["NAME"], settings.CACHE_PREFIX)
    results = context.SimpleQueue()
    from apps.profiling.soak_process import work

    started = [context.Process(target=work, args=(world, answered, number, processes, results)) for number in range(processes)]
    for process in started:
        process.start()
    counted = [results.get() for _ in started]
    for process in started:
        process.join()
    return sum(map(Counts._make, counted), Counts())
