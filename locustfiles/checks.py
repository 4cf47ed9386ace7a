"""One thing that was asked of a run, and what was found."""

from typing import NamedTuple

MET, MISSED, UNCLEAR = "met", "missed", "unclear"
VALID, GATE, TARGET, NOTE = "valid", "gate", "target", "note"
LEVELS = (VALID, GATE, TARGET, NOTE)
RUN = "the run"


class Check(NamedTuple):
    """`level` says what a miss does. VALID is asked of the run itself: what is not met there is a doubt. A NOTE decides
    nothing."""

    level: str
    about: str
    what: str
    state: str
    found: float | str | None = None
    limit: float | str | None = None
    note: str = ""

    @property
    def sentence(self) -> str:
        return self.note or f"{self.about}: {self.what} is {shown(self.found)}, {shown(self.limit)} was asked"


def doubt_unless(holds: bool, what: str, note: str, *, about: str = RUN, found=None, limit=None) -> Check:
    """The note is told when it does not hold."""
    state = MET if holds else UNCLEAR
    return Check(VALID, about, what, state, found, limit, "" if holds else note)


def shown(value: float | str | None) -> str:
    return f"{value:g}" if isinstance(value, float | int) else value or "unknown"
