"""The clock, and what day it is where a user lives. Nothing else asks the machine for the time.

with clock.standing_at(datetime(2026, 3, 1, 23, tzinfo=UTC)):
    ...  # for every thread of the process: this is how tests move time
"""

import contextlib
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

# Only the pinned tzdata package counts: a machine's own zone files differ from machine to machine.
zoneinfo.reset_tzpath(to=())

DAY = timedelta(days=1)

_standing_at: datetime | None = None


def now() -> datetime:
    """This instant, aware, in UTC."""
    return _standing_at or datetime.now(UTC)  # noqa: TID251 - the one place that asks


def today(timezone: str, day_floor: date | None) -> date:
    """The local day of someone who lives in `timezone`: never before `day_floor`, so a day never runs backwards."""
    local = now().astimezone(zone(timezone)).date()
    return max(local, day_floor) if day_floor else local


def next_midnight(timezone: str) -> datetime:
    """When the day in `timezone` ends, in UTC."""
    here = zone(timezone)
    tomorrow = now().astimezone(here).date() + DAY
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=here).astimezone(UTC)


def local_times() -> dict[str, datetime]:
    """What every zone's clock shows at this instant: for statements about people of all zones."""
    instant = now()
    return {name: instant.astimezone(zone(name)) for name in sorted(timezones())}


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def timezones() -> frozenset[str]:
    """Every zone name that a client may send."""
    names = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split("\n")
    return frozenset(name for name in names if name) - {"localtime", "Factory", "posixrules"}


def shown_streak(streak: int, last: date | None, day: date) -> int:
    """A stored streak as seen on `day`: it falls to 0 once a whole day was missed (contract 3.2)."""
    return streak if last and last >= day - DAY else 0


@contextlib.contextmanager
def standing_at(instant: datetime) -> Iterator[None]:
    global _standing_at
    before, _standing_at = _standing_at, instant.astimezone(UTC)
    try:
        yield
    finally:
        _standing_at = before
