"""What tests build their world from. Rows are made directly, with counters that agree with them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection
from django.test import Client

from apps.accounts import tokens
from apps.accounts.models import Session, User
from apps.challenges.models import Challenge, ChallengeHabit, Habit, Membership, Role
from apps.core import clock
from apps.core.cache import Expiry
from apps.core.models import uuid7
from apps.social.models import Friendship

# "password", hashed once: hashing is what a test of something else should not wait for.
PASSWORD_HASH = (
    "argon2$argon2id$v=19$m=19456,t=2,p=1$RWs2Tlp3VldsZWZWRHVHN1JKOTVKQg$jZKJPLTPFaXqUOndDPiPM2soIXBfq5W6HMNoLnkE+Xw"  # noqa: S105
)
HABITS = [UUID(f"00000000-0000-0000-0000-{number:012d}") for number in range(1, 11)]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
V1 = "/api/v1"
_counter = iter(range(1, 10**9))
_codes = iter(range(10**9))


class Api:
    """A client of the API as one user, or as nobody. Paths are below /api/v1; bodies are JSON."""

    def __init__(self, user: User | None = None):
        self.user = user
        self.http = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token_for(user)}"} if user else {}

    def get(self, path: str, query: dict | None = None, **options: Any):
        return self.http.get(_full(path), query, headers=self.headers | options.pop("headers", {}), **options)

    def post(self, path: str, body: Any = None, **options: Any):
        return self._send("POST", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any):
        return self._send("PATCH", path, body, **options)

    def put(self, path: str, body: Any = None, **options: Any):
        return self._send("PUT", path, body, **options)

    def delete(self, path: str, body: Any = None, **options: Any):
        return self._send("DELETE", path, body, **options)

    def options(self, path: str, **options: Any):
        return self._send("OPTIONS", path, None, **options)

    def raw(self, method: str, path: str, data: bytes = b"", content_type: str = "application/json", **options: Any):
        headers = self.headers | options.pop("headers", {})
        return self.http.generic(method, _full(path), data, content_type=content_type, headers=headers, **options)

    def _send(self, method: str, path: str, body: Any, headers: dict | None = None):
        data = b"" if body is None else orjson.dumps(body)
        return self.raw(method, path, data, headers=headers or {})


def staff_client(**columns: Any) -> Client:
    """A browser of the staff site, logged in as a superuser unless `columns` say otherwise."""
    browser = Client(raise_request_exception=False)
    browser.force_login(make_user("Stef", **{"is_staff": True, "is_superuser": True} | columns))
    return browser


def token_for(user: User) -> str:
    session = Session.objects.create(
        user=user,
        refresh_hash=tokens.fingerprint(str(uuid7())),
        expires_at=clock.now() + timedelta(hours=1),
    )
    return tokens.issue_access(user.id, session.id, user.token_version)


def make_user(name: str | None = None, **columns: Any) -> User:
    """An active user; the password is "password"."""
    name = name or f"user{next(_counter)}"
    columns.setdefault("email", f"{name.lower().replace(' ', '.')}.{next(_counter)}@example.com")
    return User.objects.create(password=PASSWORD_HASH, display_name=name, **columns)


def make_challenge(creator: User, *members: User, habits: int = 2, **columns: Any) -> Challenge:
    """A running challenge of 30 days that began yesterday, with its creator and active members."""
    today = clock.now().date()
    defaults = {
        "name": f"challenge {next(_counter)}",
        "status": "active",
        "start_date": today - timedelta(days=1),
        "end_date": today + timedelta(days=29),
        "member_count": 1 + len(members),
        "invite_code": invite_code(),
        "created_by": creator,
        "require_evidence": False,
    }
    challenge = Challenge.objects.create(**defaults | columns)
    ChallengeHabit.objects.bulk_create(
        ChallengeHabit(challenge=challenge, habit_id=habit_id, display_order=order)
        for order, habit_id in enumerate(HABITS[:habits])
    )
    Membership.objects.create(challenge=challenge, user=creator, role=Role.CREATOR)
    for member in members:
        Membership.objects.create(challenge=challenge, user=member)
    return challenge


def add_member(challenge: Challenge, user: User, **columns: Any) -> Membership:
    """A membership of any role and status; member_count follows."""
    membership = Membership.objects.create(challenge=challenge, user=user, **columns)
    count = Membership.objects.filter(challenge=challenge, status="active").count()
    Challenge.objects.filter(pk=challenge.pk).update(member_count=count)
    return membership


def make_habit(owner: User | None, **columns: Any) -> Habit:
    return Habit.objects.create(**{"name": f"habit {next(_counter)}", "created_by": owner} | columns)


def make_friendship(requester: User, addressee: User, status: str = "accepted", **columns: Any) -> Friendship:
    columns.setdefault("accepted_at", clock.now() if status == "accepted" else None)
    return Friendship.objects.create(requester=requester, addressee=addressee, status=status, **columns)


def expire_what_was_written() -> None:
    """Inside the transaction of a test: runs the cache's part of the commit that never comes."""
    for _, hook, _ in connection.run_on_commit:
        if isinstance(hook, Expiry):
            hook()


def cold_then_warm(api: Api, cold: int, warm: int) -> Iterator[int]:
    """What a request of `api` costs with an empty cache, and what when the cache knows who asks."""
    forget()
    yield cold
    forget()
    api.get("/users/me")
    yield warm


def forget() -> None:
    """Empties the cache of a test that wrote past the services."""
    settings.CACHE_PREFIX += "+"


def wait_for_a_waiter() -> None:
    """Until another connection waits for a lock that this one has."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
    with connection.cursor() as cursor:
        for _ in range(2000):
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.005)")
    raise AssertionError("nobody waits")


def analyze() -> None:
    """What the planner expects is what is there: pages full of earlier tests' dead rows make it expect thousands."""
    tables = ", ".join(connection.introspection.django_table_names(include_views=False))
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {tables}")


def invite_code() -> str:
    """A new code every time."""
    number, code = next(_codes), ""
    for _ in range(6):
        number, digit = divmod(number, 32)
        code += "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"[digit]
    return code


def _full(path: str) -> str:
    return path if path.startswith(("/api", "/health", "/docs", "/redoc", "/openapi", "/admin")) else V1 + path
