"""Logging in as a client does, and calling with what came back."""

import threading
from collections.abc import Callable

from django.db import connection

from apps.accounts.models import User
from apps.testing import Api


def log_in(user: User, password: str = "password") -> dict:  # noqa: S107
    response = Api().post("/auth/login", {"email": user.email, "password": password})
    assert response.status_code == 200, response.content
    return response.json()


def renew(refresh_token: str):
    return Api().post("/auth/refresh", {"refresh_token": refresh_token})


def bearing(access_token: str) -> Api:
    api = Api()
    api.headers = {"Authorization": f"Bearer {access_token}"}
    return api


def is_live(access_token: str) -> bool:
    return bearing(access_token).get("/auth/me").status_code == 200


def outcome(response) -> tuple[int, str | None]:
    return response.status_code, response.json().get("code")


def violations(response) -> list[tuple]:
    """Field and type of everything that a 422 reports."""
    assert response.status_code == 422, response.content
    return [(found["loc"][1], found["type"]) for found in response.json()["detail"]]


def at_once(*calls: Callable) -> list:
    """What the calls return when all of them start at one instant, each in a thread with a connection of its own."""
    start, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(position: int, call: Callable):
        try:
            start.wait(timeout=10)
            answers[position] = call()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers
