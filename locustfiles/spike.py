"""Local midnight: a new day begins, and everybody checks in within a few seconds. Again and again.

Between two midnights people only look. At one, each has a moment of their own within the first seconds of the day; the
first call counts from that moment, so that nobody who had to wait is forgiven.
"""

import random
import time

from locust import task

from locustfiles import answers, judged
from locustfiles.person import Person
from locustfiles.returning import counts

AT_ONCE = 2  # habits
EVERY, WITHIN = 15.0, 3.0  # seconds between two midnights, and until the last person has come


class Midnight(Person):
    moment: float | None = None
    day = -1  # the last midnight that this person has answered

    def on_start(self) -> None:
        super().on_start()
        self.pairs.prepare(AT_ONCE)

    def wait_time(self) -> float:
        """One to three seconds, or until the own moment where that comes first."""
        now, usual = time.time(), random.uniform(1, 3)
        if self.moment is None and (begin := judged.gate.cut_at):
            coming = max(self.day + 1, int((now - begin) // EVERY) + 1)
            self.day, self.moment = coming, begin + coming * EVERY + random.uniform(0, WITHIN)
        return usual if self.moment is None else max(0.0, min(usual, self.moment - now))

    @task
    def live(self) -> None:
        if self.moment is not None and time.time() >= self.moment - 0.001:
            self.intended, self.moment = self.moment, None
            self.begin_the_day()
        else:
            self.see("/challenges", check=answers.own_challenges)

    def begin_the_day(self) -> None:
        """Two habits of one challenge; the profile counts both at once, the moment they are answered."""
        before = self.see_profile()
        self.intended = None
        made = [self.check_in() for _ in range(AT_ONCE)]
        if before and all(made):
            check = answers.profile_of(self.email, self.user_id)
            self.see("/users/me", check=counts(check, before["stats"]["total_check_ins"] + len(made)))
        self.see("/challenges", check=answers.own_challenges)
        self.pairs.prepare(AT_ONCE)
