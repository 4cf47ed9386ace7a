"""How many calls a minute may bring (contract 8.3): fixed windows, counted in the database of CACHES["throttles"].

One script counts a call in all its scopes, in one round trip, and whole: a call that one scope refuses counts in none.
A window begins with its first counted call. Away, the server lets every call pass.
"""

import ipaddress
import logging
import time
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from prometheus_client import Counter
from redis.exceptions import NoScriptError

from apps.core import cache, errors
from apps.core.cache_server import CacheServer, Unavailable
from apps.core.throttle_scripts import COUNT, SCRIPTS, TAKE_BACK

WINDOW_MS = 60_000
SECONDS_BETWEEN_LINES = 60
NOTHING: Mapping[str, "Scope"] = MappingProxyType({})

REFUSED = Counter("darezone_throttle_refused", "Calls answered 429 by a limit a minute")
UNCOUNTED = Counter("darezone_throttle_uncounted", "Calls that passed because the counters were away")
logger = logging.getLogger("darezone.throttles")
_next_line = 0.0


class Scope(NamedTuple):
    name: str
    setting: str
    is_per_user: bool
    """Else per address."""


DEFAULT = Scope("default", "THROTTLE_DEFAULT", True)
AUTH = Scope("auth", "THROTTLE_AUTH", False)
MEDIA = Scope("media", "THROTTLE_MEDIA", True)
JOIN = Scope("join", "THROTTLE_JOIN", True)


class Counters(CacheServer):
    # Twice the cache's: a machine that is busy with a flood of calls must not seem to hang, that is when they count.
    silent_seconds = 0.1

    def is_hanging(self) -> bool:
        """The cache has asked the same server first, as a rule: no call waits for both time-outs."""
        is_neighbour = self.address is not None and self.address == cache.server.address
        return super().is_hanging() or (is_neighbour and cache.server.is_hanging())

    def exchange(self, commands: Any) -> list[Any]:
        """A server that has just started does not know the scripts: no failure of it. (A call whose connection breaks
        after it was counted is sent again, and counts twice.)"""
        try:
            return super().exchange(commands)
        except NoScriptError:
            return super().exchange([("EVAL", SCRIPTS[name], *rest) for _, name, *rest in commands])


class Allowance(NamedTuple):
    """What a call was told about the limit that is nearest."""

    keys: tuple[str, ...]
    limit: int
    remaining: int
    reset_ms: int

    def headers(self) -> dict[str, str]:
        seconds = whole_seconds(self.reset_ms)
        return {
            "RateLimit-Limit": f"{self.limit}",
            "RateLimit-Remaining": f"{self.remaining}",
            "RateLimit-Reset": seconds,
        }


server = Counters("throttles")


def is_counted(request: HttpRequest) -> bool:
    """The index and the health of the service are free."""
    return settings.THROTTLE_ENABLED and request.path_info.startswith("/api/v1/")


def count(request: HttpRequest, user_id: UUID | None, extra: Scope | None = None) -> Allowance | None:
    """Counts the call of a user, or else of an address. Raises `throttled`; None when the counters are away."""
    scopes = (DEFAULT, extra) if extra else (DEFAULT,)
    keys = tuple(_key(scope, request, user_id) for scope in scopes)
    limits = [getattr(settings, scope.setting) for scope in scopes]
    try:
        reply = server.ask(("EVALSHA", COUNT, len(keys), *keys, *limits, WINDOW_MS))[0]
    except Unavailable:
        _let_pass()
        return None
    wait, *nearest = reply
    allowance = Allowance(keys, *nearest)
    if wait:
        REFUSED.inc()
        raise errors.throttled(headers=allowance.headers() | {"Retry-After": whole_seconds(wait)})
    return allowance


def take_back(allowance: Allowance | None) -> None:
    """The call was not the user's: it was refused with 401."""
    if allowance:
        try:
            server.ask(("EVALSHA", TAKE_BACK, len(allowance.keys), *allowance.keys))
        except Unavailable:
            _let_pass()


def address_of(request: HttpRequest) -> str:
    """Whoever is in front of our own proxies: each of them has added the address that it was called from."""
    direct = request.META.get("REMOTE_ADDR", "")
    if not settings.TRUSTED_PROXY_COUNT:
        return _normal(direct) or direct
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    told = hops[-settings.TRUSTED_PROXY_COUNT] if len(hops) >= settings.TRUSTED_PROXY_COUNT else ""
    return _normal(told.strip()) or _normal(direct) or direct


def whole_seconds(milliseconds: int) -> str:
    return str(max(1, -(-milliseconds // 1000)))


def _key(scope: Scope, request: HttpRequest, user_id: UUID | None) -> str:
    who = user_id.hex if scope.is_per_user and user_id else address_of(request)
    return f"{settings.CACHE_PREFIX}throttle:{scope.name}:{who}"


@lru_cache(maxsize=4096)
def _normal(text: str) -> str:
    """One name for an address however it is written; empty for what is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)


def _let_pass() -> None:
    """One line a minute and process says so."""
    global _next_line
    UNCOUNTED.inc()
    now = time.monotonic()
    if now >= _next_line:
        _next_line = now + SECONDS_BETWEEN_LINES
        logger.warning("The counters are away: calls pass uncounted.")
