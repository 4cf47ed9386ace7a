"""The worlds that `manage.py seed` knows, and how their people log in."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from apps.profiling.seeding.crowd import LOAD_ACCOUNT, large_world, load_world
from apps.profiling.seeding.demo import LOGINS, demo_world
from apps.profiling.seeding.world import World

STAFF = ("staff site", "admin@example.com")
LOAD_LOGINS = (("load account", LOAD_ACCOUNT), ("the next one", "load00001@example.com"))


class Size(NamedTuple):
    build: Callable[..., World]
    password: str
    logins: tuple[tuple[str, str], ...]


SIZES = {
    "demo": Size(demo_world, "demo-password", (*LOGINS, STAFF)),
    "load": Size(load_world, "password", (*LOAD_LOGINS, STAFF)),
    "crowd": Size(partial(load_world, people=4000), "password", (*LOAD_LOGINS, STAFF)),
    "large": Size(large_world, "password", (*LOAD_LOGINS, ("very active", "busy@example.com"), STAFF)),
}


def login_lines(size: str, base: str) -> list[str]:
    """Who can log in, and one curl line that does."""
    if size not in SIZES:
        return ["No accounts yet. Sign up:", *curl(base, "signup", "you@example.com", "a-good-password")]
    chosen = SIZES[size]
    rows = [f"  {role:<14} {email:<24} {chosen.password}" for role, email in chosen.logins]
    return ["Log-ins:", *rows, "", *curl(base, "login", chosen.logins[0][1], chosen.password)]


def curl(base: str, action: str, email: str, password: str) -> list[str]:
    body = f'{{"email": "{email}", "password": "{password}"}}'
    return [f"curl -s {base}/api/v1/auth/{action} -H 'Content-Type: application/json' -d '{body}'"]
