"""Streaks: runs of consecutive days (contract 3.2). Pure date arithmetic, one definition for writes and audit."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from apps.core.clock import DAY


class Streak(NamedTuple):
    """A streak over a set of days: the run that ends at `last`, and the longest run."""

    current: int = 0
    longest: int = 0
    last: date | None = None


def rebuild(days: Iterable[date]) -> Streak:
    """The streak over `days`, in whatever order they come and however often each."""
    streak = Streak()
    for day in sorted(set(days)):
        streak = advance(streak, day)
    return streak


def advance(streak: Streak, day: date) -> Streak:
    """The streak with one day more, which is not before its last one."""
    if streak.last == day:
        return streak
    current = streak.current + 1 if streak.last == day - DAY else 1
    return Streak(current, max(streak.longest, current), day)


def is_broken_by(streak: Streak, day: date) -> bool:
    """Whether at least one whole day was missed before `day`, so that a new run begins."""
    return streak.last is not None and streak.last < day - DAY
