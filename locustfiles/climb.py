"""The way up of a search for the capacity, second by second. Nothing here knows Locust."""

import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from locustfiles import knee, verdict
from locustfiles.knee import Step

if TYPE_CHECKING:
    from locustfiles.gate import Gate

SETTLE = 4.0  # seconds: the last people log in, and find out what they can check in
FIRST, MORE, MOST, HOLD = 200, 200, 4000, 15


class Climb:
    """A step's people come, settle, and are measured. A step that breaks an objective is measured once more.

    `are_in`: had so many people a turn to log in?"""

    def __init__(
        self,
        gate: "Gate",
        wanted: dict[str, Any],
        *,
        are_in: Callable[[int], bool],
        now: Callable[[], float] = time.time,
    ):
        self.gate, self.are_in, self.now = gate, are_in, now
        self.more, self.most = wanted.get("step") or MORE, wanted.get("most") or MOST
        self.hold = wanted.get("time") or HOLD
        self.steps: list[Step] = []
        self.seen = 0  # of the samples
        gate.holds_cut, gate.judged_phases = True, []
        self.come(wanted.get("users") or FIRST)

    def come(self, people: int) -> None:
        self.people, self.came_at = people, self.now()
        self.here_at: float | None = None
        self.began_at: float | None = None

    def tick(self) -> bool:
        """Asked again and again. False ends the run."""
        now = self.now()
        if self.here_at is None:
            self.here_at = now if self.are_in(self.people) else None
        elif self.began_at is None and now >= self.here_at + SETTLE:
            self.begin()
        elif self.began_at is not None and now >= self.began_at + self.hold:
            return self.go_on()
        return True

    def begin(self) -> None:
        self.gate.cut_warm_up()
        again = any(step.users == self.people for step in self.steps)
        self.phase, self.began_at = f"{self.people} again" if again else str(self.people), self.now()
        self.gate.enter(self.phase)

    def go_on(self) -> bool:
        """Judges the step. Another one follows, unless this one was the last."""
        step = self.measured()
        self.gate.enter("ramp")
        self.steps.append(step)
        self.gate.facts["steps"] = [one._asdict() for one in self.steps]
        if step.breaches:
            self.excuse_refusals()
            self.come(self.people)
            return self.phase == str(self.people)
        self.gate.judged_phases[:], self.gate.facts["users"] = [self.phase], self.people
        self.come(self.people + self.more)
        return self.people <= self.most

    def measured(self) -> Step:
        samples = [sample for sample in self.gate.samples if sample.phase == self.phase]
        breaches = verdict.breaches(self.gate.objectives, samples) + self.failed_to_come()
        return knee.measured(self.phase, self.people, samples, self.now() - self.began_at, breaches)

    def failed_to_come(self) -> list[str]:
        """Whoever is not let in makes no request later, and so no step slower."""
        coming = [sample for sample in self.gate.samples[self.seen :] if sample.phase != self.phase]
        self.seen = len(self.gate.samples)
        failed = Counter(sample.route for sample in coming if sample.problem)
        return [f"{route}: {number} failed while people came" for route, number in failed.items()]

    def excuse_refusals(self) -> None:
        """More people than the server can serve are refused: as documented, that is no failure of the run."""
        found = {"name": f"{self.phase} people", "begin": self.came_at, "end": self.now()}
        self.gate.facts.setdefault("faults", []).append(found)
