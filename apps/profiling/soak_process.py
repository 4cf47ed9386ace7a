"""A process of the soak: nothing of Django is imported before it is set up."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import Any

_answered: Any = None


def soak(world: tuple, *, numbers: int, seconds: float, processes: int, database: str, prefix: str) -> list[tuple]:
    """What each process counts. They are started anew: forked ones would share connections."""
    context = multiprocessing.get_context("spawn")
    answered = context.Array("q", numbers, lock=False)
    options = {"mp_context": context, "initializer": set_up, "initargs": (database, prefix, answered)}
    with ProcessPoolExecutor(processes, **options) as pool:
        plain = tuple(map(list, world))
        counting = [pool.submit(work, plain, number, processes, seconds) for number in range(processes)]
        return [counted.result() for counted in counting]


def set_up(database: str, prefix: str, answered: Any) -> None:
    global _answered
    _answered = answered
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    connection.settings_dict["NAME"], settings.CACHE_PREFIX = database, prefix


def work(world: tuple, number: int, processes: int, seconds: float) -> tuple:
    from apps.profiling.soak import Soaker, World

    return tuple(Soaker(World(*world), _answered, number=number, processes=processes).run(seconds))
