"""How many SQL statements each route may cost: part 9.2 of the contract. Ceilings, whatever the amount of data.

Transaction control is not counted; loading the principal is. A variant is a case of a route with a ceiling of its own.
"""

from functools import cache
from typing import NamedTuple


class Budget(NamedTuple):
    cold: int
    warm: int


MOST_OF_STAFF = 10
"""Of a page of the staff site whose own route is not among them: logs have the app and the model in it."""

# (method, route below /api/v1, or with a leading slash outside of it)
ROUTES = {
    # service
    ("GET", "/"): Budget(0, 0),
    ("GET", "/api/v1"): Budget(0, 0),
    ("GET", "/health"): Budget(1, 1),
    ("GET", "/health/live"): Budget(0, 0),
    ("GET", "/health/ready"): Budget(1, 1),
    ("GET", "/metrics"): Budget(0, 0),
    ("GET", "/openapi.json"): Budget(0, 0),
    ("GET", "/docs"): Budget(0, 0),
    ("GET", "/redoc"): Budget(0, 0),
    ("GET", "/media/<bucket>/<user_id>/<file>"): Budget(0, 0),
    # staff site: no page costs more than ten
    ("GET", "/admin/"): Budget(6, 6),
    ("GET", "/admin/<app>/<model>/"): Budget(5, 5),
    ("GET", "/admin/<app>/<model>/<object_id>/change/"): Budget(8, 8),
    ("GET", "/admin/autocomplete/"): Budget(5, 5),
    # accounts
    ("POST", "auth/signup"): Budget(3, 3),
    ("POST", "auth/login"): Budget(5, 5),
    ("POST", "auth/refresh"): Budget(4, 4),
    ("POST", "auth/password"): Budget(7, 6),
    ("POST", "auth/verify"): Budget(2, 1),
    ("POST", "auth/logout"): Budget(2, 1),
    ("GET", "auth/me"): Budget(2, 0),
    ("GET", "users/me"): Budget(2, 0),
    ("PATCH", "users/me"): Budget(4, 3),
    ("PUT", "users/me"): Budget(4, 3),
    ("GET", "users/me/stats"): Budget(2, 0),
    ("GET", "users/<user_id>"): Budget(4, 2),
    ("GET", "users/search"): Budget(3, 2),
    # challenges
    ("GET", "habits"): Budget(2, 1),
    ("POST", "habits"): Budget(3, 2),
    ("GET", "challenges"): Budget(3, 0),
    ("POST", "challenges"): Budget(8, 7),
    ("GET", "challenges/discover"): Budget(3, 0),
    ("POST", "challenges/join"): Budget(11, 10),
    ("GET", "challenges/<challenge_id>"): Budget(5, 4),
    ("PATCH", "challenges/<challenge_id>"): Budget(8, 7),
    ("DELETE", "challenges/<challenge_id>"): Budget(6, 5),
    ("POST", "challenges/<challenge_id>/join"): Budget(11, 10),
    ("POST", "challenges/<challenge_id>/leave"): Budget(8, 7),
    ("GET", "challenges/<challenge_id>/members"): Budget(3, 2),
    ("PATCH", "challenges/<challenge_id>/members/<user_id>"): Budget(5, 4),
    ("DELETE", "challenges/<challenge_id>/members/<user_id>"): Budget(7, 6),
    # At most twelve for each batch: here one that starts some (5), one that ends some (8), the record, the principal.
    ("POST", "admin/jobs/auto-complete"): Budget(15, 14),
    # check-ins
    ("GET", "challenges/<challenge_id>/checkins"): Budget(3, 2),
    ("GET", "challenges/<challenge_id>/checkins/today"): Budget(5, 4),
    ("GET", "challenges/<challenge_id>/progress"): Budget(5, 4),
    ("GET", "checkins"): Budget(3, 2),
    ("POST", "checkins"): Budget(9, 8),
    ("GET", "checkins/challenges/<challenge_id>/today"): Budget(5, 4),
    ("GET", "checkins/<checkin_id>"): Budget(3, 2),
    ("PATCH", "checkins/<checkin_id>"): Budget(4, 3),
    ("DELETE", "checkins/<checkin_id>"): Budget(13, 12),
    # social
    ("GET", "friends"): Budget(3, 2),
    ("POST", "friends/request"): Budget(6, 5),
    ("GET", "friends/requests"): Budget(5, 4),
    ("POST", "friends/requests/<friendship_id>/respond"): Budget(5, 4),
    ("DELETE", "friends/<user_id>"): Budget(3, 2),
    ("POST", "hitch"): Budget(10, 9),
    # notifications
    ("GET", "notifications"): Budget(3, 2),
    ("GET", "notifications/unread/count"): Budget(2, 0),
    ("POST", "notifications/mark-read"): Budget(2, 1),
    ("POST", "notifications/mark-all-read"): Budget(2, 1),
    ("POST", "notifications/register-push-token"): Budget(3, 2),
    ("DELETE", "notifications/push-token"): Budget(2, 1),
    ("DELETE", "notifications/<notification_id>"): Budget(2, 1),
    # media
    ("POST", "media/upload"): Budget(1, 0),
    ("DELETE", "media"): Budget(1, 0),
}

VARIANTS = {
    ("GET", "challenges/discover", "search"): Budget(3, 2),
    ("GET", "challenges/discover", "cursor"): Budget(2, 1),
    ("PATCH", "challenges/<challenge_id>", "status change"): Budget(12, 11),
    ("GET", "checkins", "cursor"): Budget(2, 1),
    ("GET", "notifications", "cursor"): Budget(2, 1),
    # A plain check-in, and what it may set off: +2 first of the date in its challenge, +2 milestone, +3 activation.
    ("POST", "checkins", "first of the date"): Budget(9 + 2, 8 + 2),
    ("POST", "checkins", "milestone"): Budget(9 + 2, 8 + 2),
    ("POST", "checkins", "activation"): Budget(9 + 2 + 3, 8 + 2 + 3),
    ("POST", "checkins", "already checked in"): Budget(3, 2),
    # An Idempotency-Key adds two; a replay is the first of them.
    ("POST", "checkins", "with a key"): Budget(9 + 2, 8 + 2),
    ("POST", "checkins", "first of the date, with a key"): Budget(9 + 2 + 2, 8 + 2 + 2),
    ("POST", "checkins", "replayed"): Budget(2, 1),
    ("POST", "hitch", "with a key"): Budget(10 + 2, 9 + 2),
    ("POST", "hitch", "replayed"): Budget(2, 1),
    ("POST", "challenges", "with a key"): Budget(8 + 2, 7 + 2),
    ("POST", "challenges/join", "with a key"): Budget(11 + 2, 10 + 2),
}


def budget_of(method: str, route: str, variant: str = "") -> Budget:
    """The ceiling of a variant, or that of its route when it has none of its own."""
    return VARIANTS.get((method, route, variant)) or ROUTES[method, route]


WITH_KEY = "with a key"


@cache
def ceiling(method: str, route: str) -> int | None:
    """The most that any case of it may cost without a key, for which the recorder adds two. None: it has no budget.
    `route` is a whole pattern, as logs have it."""
    place = ("GET" if method == "HEAD" else method, route.removeprefix("/api/v1/"))
    if place not in ROUTES:
        return MOST_OF_STAFF if place[0] == "GET" and route.startswith("/admin/") else None
    cases = (budget.cold for case, budget in VARIANTS.items() if case[:2] == place and WITH_KEY not in case[2])
    return max(ROUTES[place].cold, *cases, 0)
