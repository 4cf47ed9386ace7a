"""More and more people, until an objective breaks: how many can there be?

Each step brings its people in, ten log-ins a second, lets them settle, and measures. A step that breaks an objective is
measured once more: only what breaks twice is broken. The last step that held is the knee.
"""

import time

from locust import LoadTestShape, events

from locustfiles import judged, knee, verdict
from locustfiles.knee import Step
from locustfiles.standard import StandardUser

__all__ = ["Climb", "StandardUser"]
SETTLE = 4.0  # seconds: the last people log in, and find out what they can check in
LOGINS_PER_SECOND = 10

steps: list[Step] = []


class Climb(LoadTestShape):
    """Locust asks every second; an answer of None ends the run. While people come it does not ask."""

    people = 0
    came_at = 0.0
    asked_at: float | None = None
    began_at: float | None = None
    phase = ""

    def tick(self) -> tuple[int, int] | None:
        if not self.people:
            judged.gate.holds_cut, judged.gate.judged_phases = True, []
            self.come(parameter("users", 100))
        elif self.asked_at is None:
            self.asked_at = time.monotonic()
        elif self.began_at is None:
            self.begin()
        elif time.time() >= self.began_at + parameter("time", 15) and not self.go_on():
            return None
        return self.people, LOGINS_PER_SECOND

    def begin(self) -> None:
        if time.monotonic() < self.asked_at + SETTLE:
            return
        judged.gate.cut_warm_up()
        again = any(step.users == self.people for step in steps)
        self.phase, self.began_at = f"{self.people} again" if again else str(self.people), time.time()
        judged.gate.enter(self.phase)

    def go_on(self) -> bool:
        """Judges the step. Another one follows, unless this one was the last."""
        gate, step = judged.gate, self.measured()
        gate.enter("ramp")
        steps.append(step)
        print(step.line, flush=True)
        gate.facts["steps"] = [one._asdict() for one in steps]
        came_at, self.asked_at, self.began_at = self.came_at, None, None
        if step.breaches:
            # More people than the server can serve: refused as documented, they are no failure of the run.
            found = {"name": f"{self.phase} people", "begin": came_at, "end": time.time()}
            gate.facts.setdefault("faults", []).append(found)
            return self.phase == str(self.people)
        gate.judged_phases[:], gate.facts["users"] = [self.phase], self.people
        self.come(parameter("step", 100))
        return self.people <= parameter("most", 1000)

    def come(self, more: int) -> None:
        self.people += more
        self.came_at = time.time()

    def measured(self) -> Step:
        samples = [sample for sample in judged.gate.samples if sample.phase == self.phase]
        breaches = verdict.breaches(judged.gate.objectives, samples)
        return knee.measured(self.phase, self.people, samples, time.time() - self.began_at, breaches)


def parameter(name: str, otherwise: int) -> int:
    return judged.gate.plan.get("parameters", {}).get(name) or otherwise


@events.test_stopping.add_listener
def conclude(**_) -> None:
    if not knee.of(steps):
        judged.gate.missed.append("no step held its objectives")


@events.init.add_listener
def show_at_the_end(environment, **_) -> None:
    """After the gate, which has been listening for longer."""
    environment.events.quitting.add_listener(show)


def show(**_) -> None:
    print("\n".join([*knee.plot(steps), knee.sentence(steps)]), flush=True)
