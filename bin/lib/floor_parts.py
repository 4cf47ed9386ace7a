"""What several answers of the floor share: days, percentages, numbered pages."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
LIMIT = 20

zone = lru_cache(ZoneInfo)


def today(timezone, day_floor):
    day = datetime.now(UTC).astimezone(zone(timezone)).date()
    return max(day, day_floor) if day_floor else day


def shown(streak, last, day):
    return streak if last and last >= day - DAY else 0


def viewer_day(principal):
    """The principal: id, is_staff, token_version, timezone, day_floor, sessions."""
    return today(principal[0][3], principal[0][4])


def percentage(part, whole):
    return min(max((20000 * part + whole) // (2 * whole), 0), 10000) / 100 if whole > 0 else 0.0


def numbered(counted):
    total = counted[0][0]
    return {"total": total, "page": 1, "limit": LIMIT, "pages": -(-total // LIMIT)}
