"""The standard load run (contract 9.1): 100 people who look at their profile and challenges, and check in.

    locust -f locustfiles/standard.py --headless -u 100 -r 10 -t 60s --host http://127.0.0.1:8000

Run it from the project's folder, against a database that `manage.py seed --size load` (or large) filled today; it has
accounts for 1000. Ramp-up and warm-up are part of -t. Exit codes: see gate.py.
"""

import itertools
import random
from collections import deque
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import gevent
from locust import FastHttpUser, between, events, task
from locust.exception import StopUser

from locustfiles import answers
from locustfiles.gate import Gate

LOGIN, PROFILE = "POST /api/v1/auth/login", "GET /api/v1/users/me"
CHALLENGES, CHECK_IN = "GET /api/v1/challenges", "POST /api/v1/checkins"
DELETE = "DELETE /api/v1/checkins/{id}"
SETUP_LIST, SETUP_DETAIL = "setup: GET /api/v1/challenges", "setup: GET /api/v1/challenges/{id}"
SETUP_CHECK_INS = "setup: GET /api/v1/checkins"

account_numbers = itertools.count(1)


@events.init.add_listener
def judge_the_run(environment, **_) -> None:
    Gate(environment).attach()


class StandardUser(FastHttpUser):
    """Somebody with an account of their own, whose check-ins are real: each is for a pair that is open today."""

    wait_time = between(1, 3)
    network_timeout = connection_timeout = 15.0

    def on_start(self) -> None:
        self.email = f"load{next(account_numbers):05d}@example.com"
        self.headers: dict[str, str] = {}
        self.to_learn: deque[str] | None = None  # running challenges whose habits are not known yet
        self.taken: dict[tuple[str, str], str] = {}  # what was checked in today before the run
        self.open: deque[tuple[str, str]] = deque()  # (challenge, habit) that can be checked in today
        self.done: deque[tuple[str, tuple[str, str]]] = deque()  # today's check-ins, the oldest first
        # Locust starts the people of a second all at its beginning: spread over it, they arrive as the ramp says.
        gevent.sleep(random.random())
        self.log_in()

    def log_in(self) -> None:
        credentials = {"email": self.email, "password": "password"}
        body = self.ask("POST", "/auth/login", LOGIN, check=answers.tokens_of(self.email), json=credentials)
        if body is None:
            raise StopUser
        self.headers = {"Authorization": f"Bearer {body['access_token']}"}
        self.user_id, self.zone = body["user"]["id"], body["user"]["timezone"]

    @task(3)
    def look_at_profile(self) -> None:
        self.ask("GET", "/users/me", PROFILE, check=answers.profile_of(self.email, self.user_id))

    @task(2)
    def look_at_challenges(self) -> None:
        self.ask("GET", "/challenges", CHALLENGES, check=answers.own_challenges)

    @task(1)
    def check_in(self) -> None:
        challenge_id, habit_id = pair = self.next_open_pair()
        body = self.ask(
            "POST",
            "/checkins",
            CHECK_IN,
            status=201,
            check=answers.check_in_of(self.user_id, *pair),
            json={"challenge_id": challenge_id, "habit_id": habit_id, "caption": "Test checkin"},
        )
        if body:
            self.done.append((body["checkin"]["id"], pair))

    def next_open_pair(self) -> tuple[str, str]:
        if self.to_learn is None:
            self.learn_challenges()
        while not self.open and self.to_learn:
            self.learn_habits(self.to_learn.popleft())
        if not self.open:
            self.take_back_the_oldest()
        return self.open.popleft()

    def learn_challenges(self) -> None:
        """Only the list: the habits of a challenge are learnt when its turn comes, so that set-up makes no burst."""
        listed = self.ask("GET", "/challenges?limit=100", SETUP_LIST, check=answers.own_challenges)
        made = self.ask("GET", "/checkins?limit=100", SETUP_CHECK_INS, check=answers.own_check_ins)
        if not listed or not made:
            raise StopUser
        today = datetime.now(UTC).astimezone(ZoneInfo(self.zone)).date().isoformat()  # noqa: TID251 - no Django here
        rows = [row for row in reversed(made["checkins"]) if row["checkin_date"] == today]
        self.taken = {(row["challenge_id"], row["habit_id"]): row["id"] for row in rows}
        self.done.extend((key, pair) for pair, key in self.taken.items())
        running = [row for row in listed["challenges"] if (row["status"], row["my_status"]) == ("active", "active")]
        self.to_learn = deque(row["id"] for row in running)

    def learn_habits(self, challenge_id: str) -> None:
        check = answers.detail_of(challenge_id)
        detail = self.ask("GET", f"/challenges/{challenge_id}", SETUP_DETAIL, check=check)
        pairs = [(challenge_id, habit["id"]) for habit in detail["habits"]] if detail else []
        self.open.extend(pair for pair in pairs if pair not in self.taken)

    def take_back_the_oldest(self) -> None:
        if not self.done:
            raise LookupError(f"{self.email} has nothing to check in: was the database seeded with --size load?")
        check_in_id, pair = self.done.popleft()
        self.ask("DELETE", f"/checkins/{check_in_id}", DELETE, status=204)
        self.open.append(pair)

    def ask(self, method: str, path: str, name: str, *, status: int = 200, check=answers.nothing, json=None):
        """The body of a good answer; None, and a failure in the statistics, when it is not what it must be."""
        with self.client.request(
            method, f"/api/v1{path}", name=name, json=json, headers=self.headers, catch_response=True
        ) as response:
            body, problem = answers.problem_of(response.status_code, response.content, status, check)
            if problem:
                response.failure(problem)
                return None
            response.success()
            return body
