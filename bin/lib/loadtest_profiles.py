"""The load profiles: what each is for, its load script, and its own defaults."""

import argparse
from typing import NamedTuple

from production_like import seconds


class Profile(NamedTuple):
    line: str
    script: str
    users: int = 100
    time: int = 60
    rate: int | None = None  # arrivals a second, where people do not wait for answers

    @property
    def has_shape(self) -> bool:
        """Its script decides itself how many people there are, and when it is over."""
        return self.script == "capacity"


PROFILES = {
    "brief": Profile("the standard run: log in, profile, challenges, check in, 1-3 s between calls", "standard"),
    "mixed": Profile("five kinds of people over every route of the API", "mixed"),
    "steady": Profile("calls arrive --rate times a second, whether the server keeps up or not", "steady", rate=50),
    "capacity": Profile("steps of more people until an objective breaks; --time is a step's", "capacity", time=15),
    "spike": Profile("local midnight, every 15 s: everybody checks in within 3 s", "spike", users=200),
    "soak": Profile("mixed for long; misses when memory or times drift", "soak", time=600),
    "faults": Profile("mixed, while Valkey hangs and PostgreSQL drops connections and restarts", "mixed", users=60),
}


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("profile", nargs="?", choices=PROFILES, default="brief", metavar="PROFILE")
    parser.add_argument("--users", type=int, help="people at the same time; of capacity, those of the first step")
    parser.add_argument("--time", type=seconds, help="what is measured: 45, 45s, 10m, 1h")
    parser.add_argument(
        "--warmup", type=seconds, default=10, help="before it, once all people are there; not measured (10)"
    )
    parser.add_argument("--rate", type=int, help="steady: arrivals a second (50)")
    parser.add_argument("--step", type=int, default=100, help="capacity: people who come with each step (100)")
    parser.add_argument("--most", type=int, default=1000, help="capacity: no step beyond it (1000)")


def settled(options: argparse.Namespace) -> argparse.Namespace:
    """What was not asked for is the profile's own."""
    profile = PROFILES[options.profile]
    for name in ("users", "time", "rate"):
        if getattr(options, name) is None:
            setattr(options, name, getattr(profile, name))
    return options


def lines() -> str:
    return "\n".join(f"  {name:<9} {one.line} ({one.users} people, {one.time} s)" for name, one in PROFILES.items())
