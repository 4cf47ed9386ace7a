"""From a size and a number to a full database."""

from collections.abc import Callable
from random import Random

from django.contrib.auth.hashers import get_hasher
from django.db import connection, transaction

from apps.core import clock
from apps.profiling.seeding import living
from apps.profiling.seeding.calendar import Calendar
from apps.profiling.seeding.copying import copy
from apps.profiling.seeding.sizes import SIZES
from apps.profiling.seeding.tables import Table, tables


class NotEmpty(Exception):
    pass


def fill(size: str, number: int, progress: Callable[[Table], Callable[[int], None]], **options) -> list[Table]:
    """Everything or nothing, into a database without users, else NotEmpty. `options` go to the builder of the size."""
    with transaction.atomic():
        be_the_first()
        rng = Random(f"{number}:{size}")  # noqa: S311 - made-up lives need no secrets
        chosen = SIZES[size]
        world = chosen.build(Calendar(clock.now().date()), rng, **options)
        living.live(world, rng)
        living.settle(world, rng)
        filled = tables(world, password_hash(chosen.password, rng), rng)
        for table in filled:
            copy(table, progress(table))
    tidy(filled)
    return filled


def be_the_first() -> None:
    """Nobody signs up and no other seed runs until this one is done."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("SELECT EXISTS (SELECT FROM users)")
        if cursor.fetchone()[0]:
            raise NotEmpty


def password_hash(password: str, rng: Random) -> str:
    """One for all, and the same for the same seed: hashing each would take minutes."""
    return get_hasher().encode(password, salt="".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=22)))


def tidy(filled: list[Table]) -> None:
    """Statistics and visibility now: neither plans nor autovacuum shall change in the middle of a measurement."""
    names = ", ".join(table.model._meta.db_table for table in filled)
    verb = "ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)"  # VACUUM refuses transactions: in tests
    with connection.cursor() as cursor:
        cursor.execute(f"{verb} {names}")
