"""Who is asking: the few facts about the token's owner that every request needs."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

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

    def today(self) -> date:
        return clock.today(self.timezone, self.day_floor)
