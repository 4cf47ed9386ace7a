"""When things happen in the seed: days by number, instants in whole seconds since 1970.

Nothing happens after the first moment of today (UTC). The same seed therefore makes the same rows all day long, and no
check-in lies after anybody's today, wherever they live.
"""

from datetime import UTC, date, datetime, time, timedelta

from apps.core import clock

WINDOW = 400
HOUR = 3600
ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "Asia/Ho_Chi_Minh",
    "America/New_York",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Africa/Lagos",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
)


class Calendar:
    """Day 0 is WINDOW days before today; `today` is the number of today."""

    today = WINDOW

    def __init__(self, today: date):
        self.day_0 = today - timedelta(days=WINDOW)
        self.end = int(datetime.combine(today, time(), tzinfo=UTC).timestamp())
        self.midnights: dict[str, list[int]] = {}

    def date(self, day: int) -> date:
        return self.day_0 + timedelta(days=day)

    def last_day(self, zone: str) -> int:
        """The last local day on which somebody there can have checked in: one of which hours have passed."""
        return self.local_day(zone, self.end - 6 * HOUR)

    def first_today(self, zone: str) -> int:
        """The earliest local day that is "today" there while it is today in UTC."""
        return self.local_day(zone, self.end)

    def local_day(self, zone: str, instant: int) -> int:
        return (datetime.fromtimestamp(instant, clock.zone(zone)).date() - self.day_0).days

    def midnight(self, zone: str, day: int) -> int:
        """The instant at which the local day begins."""
        if zone not in self.midnights:
            where, days = clock.zone(zone), range(WINDOW + 1)
            starts = [datetime.combine(self.date(number), time(), tzinfo=where) for number in days]
            self.midnights[zone] = [int(start.timestamp()) for start in starts]
        return self.midnights[zone][day]

    def check_in_time(self, zone: str, number: int, day: int) -> int:
        """When person `number` begins to check in on a day: between 6 and 20 o'clock, never in the last three hours."""
        moment = self.midnight(zone, day) + 6 * HOUR + (number * 7919 + day * 104729) % (14 * HOUR)
        return min(moment, self.end - 3 * HOUR)


def stamp(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat()
