"""Who is asking: the few facts about the token's owner that every request needs."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

import orjson

from apps.core import clock


@dataclass(frozen=True, slots=True)
class Principal:
    id: UUID
    is_staff: bool
    token_version: int
    timezone: str
    day_floor: date | None
    revoked_sessions: tuple[UUID, ...]
    """Sessions revoked so recently that an access token of theirs may not have expired."""

    is_authenticated = True

    @classmethod
    @lru_cache(maxsize=4096)
    def parse(cls, dumped: bytes) -> "Principal":
        """The inverse of `dumped`."""
        id, is_staff, version, timezone, floor, revoked = orjson.loads(dumped)
        floor = date.fromisoformat(floor) if floor else None
        return cls(UUID(id), is_staff, version, timezone, floor, tuple(map(UUID, revoked)))

    def dumped(self) -> bytes:
        """As the cache keeps it."""
        revoked = self.revoked_sessions
        return orjson.dumps([self.id, self.is_staff, self.token_version, self.timezone, self.day_floor, revoked])

    def midnight(self) -> datetime:
        """When what was true today may no longer be."""
        return clock.next_midnight(self.timezone)

    def today(self) -> date:
        return clock.today(self.timezone, self.day_floor)
