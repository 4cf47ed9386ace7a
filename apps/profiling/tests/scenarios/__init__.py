"""One request, or several, of every route, in a world whose every collection has the size that is asked for."""

from apps.profiling.tests.scenarios import (
    accounts,
    challenges,
    checkins,
    friends,
    hitches,
    jobs,
    media,
    notifications,
    service,
    staff,
)
from apps.profiling.tests.scenarios.registry import SCENARIOS, Scenario

__all__ = [
    "SCENARIOS",
    "Scenario",
    "accounts",
    "challenges",
    "checkins",
    "friends",
    "hitches",
    "jobs",
    "media",
    "notifications",
    "service",
    "staff",
]
