"""Somebody of the load run: an account of their own, and every answer looked at."""

import itertools
import time
from collections.abc import Callable
from typing import Any

import gevent
from locust import FastHttpUser, between
from locust.env import Environment
from locust.exception import StopUser

from locustfiles import answers
from locustfiles.arrivals import Ramp
from locustfiles.pairs import Pairs

API = "/api/v1"
LOGIN, PROFILE, CHECK_IN = f"POST {API}/auth/login", f"GET {API}/users/me", f"POST {API}/checkins"
PASSWORD = "password"

LOGINS_PER_SECOND = 10  # of a load shape

account_numbers = itertools.count(1)
ramp = Ramp()


class Person(FastHttpUser):
    abstract = True
    wait_time = between(1, 3)
    network_timeout = connection_timeout = 15.0

    intended: float | None = None  # open model: when the call at hand should have begun

    def on_start(self) -> None:
        self.email = next_email()
        self.headers: dict[str, str] = {}
        self.arrive()
        self.log_in()
        self.pairs = Pairs(self)

    def arrive(self) -> None:
        """The own turn of the ramp, before a first log-in."""
        gevent.sleep(ramp.wait(time.monotonic(), logins_per_second(self.environment)))

    def log_in(self) -> None:
        """Somebody who cannot get in comes no further: there is nothing that they could do."""
        credentials = {"email": self.email, "password": PASSWORD}
        body = self.post("/auth/login", credentials, check=answers.tokens_of(self.email))
        if body is None:
            raise StopUser
        self.take(body)

    def take(self, tokens: dict) -> None:
        self.headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        self.refresh_token = tokens["refresh_token"]
        self.user_id, self.zone = tokens["user"]["id"], tokens["user"]["timezone"]

    def walk(self, *steps: Callable[[], Any]) -> bool:
        """One after the other, with pauses, until one fails: what comes after it would build on nothing."""
        for step in steps:
            self.wait()
            if not step():
                return False
        return True

    def see_profile(self) -> dict | None:
        return self.see("/users/me", check=answers.profile_of(self.email, self.user_id))

    def check_in(self) -> dict | None:
        challenge_id, habit_id = pair = self.pairs.next()
        body = self.post(
            "/checkins",
            {"challenge_id": challenge_id, "habit_id": habit_id, "caption": "Test checkin"},
            status=201,
            check=answers.check_in_of(self.user_id, *pair),
        )
        if body:
            self.pairs.made(body["checkin"]["id"], pair)
        return body

    def see(self, template: str, *ids: str, query: str = "", **options) -> Any:
        return self.ask("GET", template, *ids, query=query, **options)

    def post(self, template: str, body: dict | None = None, *ids: str, **options) -> Any:
        return self.ask("POST", template, *ids, json=body, **options)

    def ask(
        self,
        method: str,
        template: str,
        *ids: str,
        query: str = "",
        status: int = 200,
        check: answers.Check = answers.nothing,
        setup: bool = False,
        headers: dict[str, str] | None = None,
        **body: Any,
    ) -> Any:
        """The body of a good answer, or True when it has none; None, and a failure, when it is not what it must be.
        `body`: what is sent, as json=... or data=..."""
        with self.send(method, template, ids, query=query, setup=setup, headers=headers, **body) as response:
            answer, problem = self.judge(response, status, check)
            if problem:
                response.failure(problem)
                return None
            response.success()
            return True if answer is None else answer

    def judge(self, response, status: int, check: answers.Check) -> tuple[Any, str | None]:
        refused = answers.refusal(response.status_code, response.content, header(response, "Retry-After"))
        if refused:
            return None, refused
        return answers.problem_of(response.status_code, response.content, status, check)

    def send(self, method: str, template: str, ids: tuple, *, query="", setup=False, headers=None, **body):
        """The name is the route, whoever is meant: ids would make a name of their own for each."""
        return self.client.request(
            method,
            API + filled(template, ids) + query,
            name=f"{'setup: ' if setup else ''}{method} {API}{template}",
            **body,
            headers=self.headers | (headers or {}),
            catch_response=True,
            context={} if self.intended is None else {"intended": self.intended},
        )


def filled(template: str, ids: tuple[str, ...]) -> str:
    """The path of a template: "/challenges/{id}/leave" with its ids, in their order."""
    for value in ids:
        before, _, rest = template.partition("{")
        template = before + value + rest.partition("}")[2]
    return template


def header(response, name: str) -> str | None:
    return response.headers.get(name) if response.headers else None  # none when nothing answered


def logins_per_second(environment: Environment) -> float:
    """Where a shape says how many people come, Locust fills --spawn-rate with 1."""
    return LOGINS_PER_SECOND if environment.shape_class else environment.parsed_options.spawn_rate


def next_email() -> str:
    """The seed has a thousand of them."""
    return f"load{next(account_numbers):05d}@example.com"
