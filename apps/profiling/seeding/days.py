"""Sets of days as integers: bit n stands for day n of the calendar, so a streak is a few shifts.

This is the seed's own arithmetic. The audit recounts what it wrote in SQL, and the API counts in a third way.
"""

from collections.abc import Iterable, Iterator


def between(first: int, last: int) -> int:
    """Every day from `first` to `last`; none when the last is before the first."""
    return ((1 << (last - first + 1)) - 1) << first if last >= first else 0


def union(sets: Iterable[int]) -> int:
    days = 0
    for one in sets:
        days |= one
    return days


def each(days: int) -> Iterator[int]:
    """The days in ascending order."""
    while days:
        lowest = days & -days
        yield lowest.bit_length() - 1
        days ^= lowest


def last(days: int) -> int | None:
    return days.bit_length() - 1 if days else None


def current(days: int) -> int:
    """Length of the run that ends at the last day."""
    length = days.bit_length()
    missing = days ^ ((1 << length) - 1)
    return length - missing.bit_length()


def longest(days: int) -> int:
    length = 0
    while days:
        days, length = days & (days << 1), length + 1
    return length


def after_the_day_before(days: int) -> int:
    """Those days whose day before is there too."""
    return days & (days << 1)


def reaching(days: int, length: int) -> int:
    """The days on which a run becomes exactly `length` days long."""
    long_enough = days
    for _ in range(length - 1):
        long_enough = days & (long_enough << 1)
    return long_enough & ~(days & (long_enough << 1))
