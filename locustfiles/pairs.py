"""What somebody can check in today: pairs of a challenge and one of its habits."""

from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import gevent

from locustfiles import answers

if TYPE_CHECKING:
    from locustfiles.person import Person

Pair = tuple[str, str]
LEAFING = 0.2  # seconds: later runs of a day find challenge after challenge with nothing open


class Pairs:
    """Learns the habits of a challenge when its turn comes, so that set-up makes no burst."""

    def __init__(self, person: "Person"):
        self.person = person
        self.to_learn: deque[str] | None = None  # running challenges whose habits are not known yet
        self.taken: dict[Pair, str] = {}  # what was checked in today before the run
        self.open: deque[Pair] = deque()
        self.done: deque[tuple[str, Pair]] = deque()  # today's check-ins, the oldest first

    def next(self) -> Pair:
        self.prepare()
        return self.open.popleft()

    def prepare(self, number: int = 1) -> None:
        """So many of the next pairs are at hand without a call: no check-in is taken back between them."""
        if self.to_learn is None:
            self.learn_challenges()
        while len(self.open) < number and self.to_learn:
            self.learn_habits(self.to_learn.popleft())
            if len(self.open) < number:
                gevent.sleep(LEAFING)
        while len(self.open) < number:
            self.take_back_the_oldest()

    def made(self, check_in_id: str, pair: Pair) -> None:
        self.done.append((check_in_id, pair))

    def learn_challenges(self) -> None:
        listed = self.until_answered("/challenges", answers.own_challenges)
        made = self.until_answered("/checkins", answers.own_check_ins)
        today = datetime.now(UTC).astimezone(ZoneInfo(self.person.zone)).date().isoformat()  # noqa: TID251 - no Django here
        rows = [row for row in reversed(made["checkins"]) if row["checkin_date"] == today]
        self.taken = {(row["challenge_id"], row["habit_id"]): row["id"] for row in rows}
        self.done.extend((key, pair) for pair, key in self.taken.items())
        running = [row for row in listed["challenges"] if (row["status"], row["my_status"]) == ("active", "active")]
        self.to_learn = deque(row["id"] for row in running)

    def until_answered(self, template: str, check: answers.Check) -> dict:
        """A server that is away comes back; each failure counts."""
        while not (body := self.person.see(template, query="?limit=100", check=check, setup=True)):
            gevent.sleep(1)
        return body

    def learn_habits(self, challenge_id: str) -> None:
        check = answers.detail_of(challenge_id)
        detail = self.person.see("/challenges/{id}", challenge_id, check=check, setup=True)
        pairs = [(challenge_id, habit["id"]) for habit in detail["habits"]] if detail else []
        self.open.extend(pair for pair in pairs if pair not in self.taken)

    def take_back_the_oldest(self) -> None:
        if not self.done:
            raise LookupError(f"{self.person.email} has nothing to check in: was the database seeded with --size load?")
        check_in_id, pair = self.done.popleft()
        if self.person.ask("DELETE", "/checkins/{id}", check_in_id, status=204):
            self.open.append(pair)
