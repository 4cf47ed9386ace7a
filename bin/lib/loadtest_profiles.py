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
    step: int | None = None  # people who come with each step
    most: int | None = None  # people of the last step
    size: str = "load"
    fresh: bool = False  # a run finds what the runs before it on this day have left, unless that changes what it does

    @property
    def has_shape(self) -> bool:
        """Its script decides itself how many people there are, and when it is over."""
        return self.script == "capacity"


PROFILES = {
    "brief": Profile("the standard run: log in, profile, challenges, check in, 1-3 s between calls", "standard"),
    "mixed": Profile("five kinds of people over every route of the API", "mixed"),
    "steady": Profile("calls arrive --rate times a second, whether the server keeps up or not", "steady", rate=50),
    "capacity": Profile(
        "steps of more people until an objective breaks; --time is a step's",
        "capacity",
        users=200,
        time=15,
        step=200,
        most=4000,
        size="crowd",
    ),
    "spike": Profile("local midnight, every 15 s: everybody checks in within 3 s", "spike", users=200, fresh=True),
    "soak": Profile("mixed for long; misses when memory or times drift", "soak", time=600),
    "faults": Profile("mixed, while Valkey hangs and PostgreSQL drops connections and restarts", "mixed", users=60),
}

# Accounts of a size: each person of a run has one.
PEOPLE = {"load": 1000, "crowd": 4000, "large": 1000}


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("profile", nargs="?", choices=PROFILES, default="brief", metavar="PROFILE")
    parser.add_argument("--users", type=int, help="people at the same time; of capacity, those of the first step")
    parser.add_argument("--time", type=seconds, help="what is measured: 45, 45s, 10m, 1h")
    parser.add_argument(
        "--warmup", type=seconds, default=10, help="before it, once all people are there; not measured (10)"
    )
    parser.add_argument("--rate", type=int, help="steady: arrivals a second (50)")
    parser.add_argument("--step", type=int, help="capacity: people who come with each step (200)")
    parser.add_argument("--most", type=int, help="capacity: no step beyond it (4000)")
    parser.add_argument("--size", choices=PEOPLE, help="the data (load; of capacity, crowd: 4,000 people)")
    parser.add_argument("--fresh", action="store_true", help="make the database anew; spike always does")


def settled(options: argparse.Namespace) -> argparse.Namespace:
    """What was not asked for is the profile's own. Refuses more people than there are accounts."""
    profile = PROFILES[options.profile]
    for name in ("users", "time", "rate", "step", "most", "size"):
        if getattr(options, name) is None:
            setattr(options, name, getattr(profile, name))
    options.fresh |= profile.fresh
    people, accounts = max(options.users, options.most or 0), PEOPLE[options.size]
    if people > accounts:
        raise SystemExit(f"{people} people: --size {options.size} has {accounts} accounts")
    return options


def lines() -> str:
    return "\n".join(f"  {name:<9} {one.line} ({one.users} people, {one.time} s)" for name, one in PROFILES.items())
