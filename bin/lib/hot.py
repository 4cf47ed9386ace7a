"""The endpoints that bin/bench measures, by the short names of its command line, and what is asked of some of them."""

from typing import NamedTuple

CHECK_IN = "check-in"
ENDPOINTS = {
    "me": "GET /users/me",
    "stats": "GET /users/me/stats",
    "profile": "GET /users/{id}",
    "challenges": "GET /challenges",
    "discover": "GET /challenges/discover",
    "challenge": "GET /challenges/{id}",
    "feed": "GET /challenges/{id}/checkins",
    "today": "GET /checkins/challenges/{id}/today",
    "progress": "GET /challenges/{id}/progress",
    "checkins": "GET /checkins",
    "notifications": "GET /notifications",
    "unread": "GET /notifications/unread/count",
    CHECK_IN: "POST /checkins",
}
SERVED = ["me", "challenges", CHECK_IN]  # of servers that are compared
READS = [name for name in ENDPOINTS if name != CHECK_IN]


class Target(NamedTuple):
    """Against the floor: requests/s at least this share of its, p95 at most this many times its."""

    rate: float
    p95: float = 2.5


TARGETS = {"me": Target(0.42), "challenges": Target(0.5), "notifications": Target(0.5), CHECK_IN: Target(0.4)}
# Data of 20,000 people against data of a dozen.
SIZES_TARGET = 1.3
