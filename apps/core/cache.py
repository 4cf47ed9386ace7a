"""The read cache. Nobody reads something older than a write that was already answered.

A value carries the tokens it depends on, as they were **before** the database was read for it. A token is a small key
with a random content; a write deletes the tokens of what it changed, after its commit and before its answer. A value is
served only while its tokens are still the ones it was made under: what a slow reader stores late is never served.

    key = Key(PROFILE, user_id.hex, (f"t:u:{user_id.hex}",))
    snapshot = cache.look(principal_key, key)  # one round trip for the tokens and values of both
    value = snapshot.get(key, load)  # the stored bytes, or load(), which is stored for the next reader
    cache.expire(f"t:u:{user_id.hex}")  # in the writing service; acts when its transaction has committed
    cache.renew(token, seen, {key: Fresh(...)})  # the same, and the value as it is now for the next reader

Away, slow or full of rubbish, the cache server costs its answers their speed and nothing else.
"""

import contextlib
import os
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django_redis import get_redis_connection

from apps.core import clock
from apps.core.cache_numbers import INVALIDATIONS, WAITS, hit, log_now_and_then, miss
from apps.core.cache_server import CacheServer, Unavailable
from apps.core.cache_values import Fresh, Key, Value, digest, entry, opened, valued
from apps.core.flights import Flights

TOKEN_SECONDS = 3600
# KEYS: a token, values. ARGV: the token as it was seen, as it becomes, its seconds; of each value its bytes and its ms.
RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return redis.call('DEL', KEYS[1]) end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
for i = 2, #KEYS do redis.call('SET', KEYS[i], ARGV[2 * i], 'PX', ARGV[2 * i + 1]) end
"""

server = CacheServer()
flights: Flights[Value] = Flights()


class Snapshot:
    """Tokens and values of some keys at one instant."""

    def __init__(self, keys: tuple[Key, ...], *, stores: bool = True):
        self.taken_at, self.asked_at = clock.now(), time.perf_counter()
        self.tokens: dict[str, bytes | None] = dict.fromkeys(token for key in keys for token in key.tokens)
        self.values: dict[Key, Value | None] = dict.fromkeys(keys)
        self.is_usable = settings.CACHE_ENABLED and not in_transaction()
        self.stores, self.not_asked_for, self.unsaved = stores, set(keys), []
        if self.is_usable and keys:
            self._read()

    def get(self, key: Key, load: Callable[[], Fresh]) -> Value:
        """The value: stored, or loaded and stored. What `load` raises goes on, and nothing is stored.

        Once every key was asked for, all that was loaded is stored in one round trip; who stops before calls `save`.
        """
        value = self._get(key, load)
        self.not_asked_for.discard(key)
        if not self.not_asked_for:
            self.save()
        return value

    def save(self) -> None:
        """Stores what was loaded, if anything was."""
        commands, self.unsaved = self.unsaved, []
        if commands:
            with contextlib.suppress(Unavailable):
                server.ask(*commands)

    def _get(self, key: Key, load: Callable[[], Fresh]) -> Value:
        if value := self.values[key]:
            hit(key.kind.name)
            return value
        miss(key.kind.name)
        stamp = self._stamp(key) if self.stores and self._has_tokens() else None
        if stamp is None:
            return valued(load().body)
        # Who holds other tokens came after a write that this flight may not have seen.
        value, waited = flights.take((key.name, stamp), lambda: self._load(key, stamp, load), since=self.asked_at)
        if waited:
            WAITS.labels(key.kind.name).inc()
        return value

    def _read(self) -> None:
        names = [settings.CACHE_PREFIX + token for token in self.tokens] + [key.name for key in self.values]
        try:
            found = server.ask(("MGET", *names))[0]
        except Unavailable:
            self.is_usable = False
            return
        self.tokens = dict(zip(self.tokens, found, strict=False))
        log_now_and_then()
        now = self.taken_at.timestamp()
        for key, stored in zip(self.values, found[len(self.tokens) :], strict=True):
            stamp = self._stamp(key)
            if stored and stamp:
                self.values[key] = opened(stored, stamp, now)

    def _has_tokens(self) -> bool:
        """Makes those that are missing: what is read from the database after this may be stored under them."""
        missing = [token for token, content in self.tokens.items() if content is None]
        if missing and self.is_usable:
            names = [settings.CACHE_PREFIX + token for token in missing]
            create = [("SET", name, os.urandom(12), "NX", "EX", TOKEN_SECONDS) for name in names]
            try:
                # Another reader may have been first; what is no string stays None.
                self.tokens |= zip(missing, server.ask(*create, ("MGET", *names))[-1], strict=True)
            except Unavailable:
                self.is_usable = False
        return self.is_usable

    def _stamp(self, key: Key) -> bytes | None:
        contents = [self.tokens[token] for token in key.tokens]
        return None if None in contents else digest(b"|".join(contents))

    def _load(self, key: Key, stamp: bytes, load: Callable[[], Fresh]) -> Value:
        body, until = load()
        value = valued(body)
        if kept := entry(key, value, until, stamp, since=self.taken_at):
            self.unsaved.append(("SET", key.name, kept.bytes, "PX", kept.milliseconds))
        return value


def look(*keys: Key, stores: bool = True) -> Snapshot:
    """What the cache holds of `keys`, in one round trip. What is missing is loaded; and stored, unless the caller is
    about to expire it. Inside a transaction nothing is read or stored: it may see what nobody else may, and may yet
    roll back."""
    return Snapshot(keys, stores=stores)


def expire(*tokens: str) -> None:
    """Makes every value that depends on one of `tokens` unreadable once the transaction has committed, or at once."""
    if tokens and settings.CACHE_ENABLED:
        at_commit(set(tokens), {})


def renew(token: str, seen: bytes | None, values: dict[Key, Fresh]) -> None:
    """Expires `token`, and for the next reader stores `values`, which depend on it alone, as they are after the write.

    `seen` is the token as the request found it before its transaction. Whoever has expired it since may have written
    what this transaction did not read: then, and when the transaction expires the token as well, nothing is stored.
    """
    if seen is None or not may_renew():
        expire(token)
    elif settings.CACHE_ENABLED:
        at_commit(set(), {token: Renewal(seen, values, clock.now())})


def may_renew() -> bool:
    """Not in a savepoint, which may yet take the write back while its transaction commits."""
    return len(own_blocks()) <= 1


class Renewal(NamedTuple):
    seen: bytes
    values: dict[Key, Fresh]
    since: datetime

    def command(self, token: str) -> tuple:
        made_under = os.urandom(12)
        stamp = digest(made_under)
        entries = {
            key: entry(key, valued(fresh.body), fresh.until, stamp, since=self.since)
            for key, fresh in self.values.items()
        }
        kept = {key.name: entry for key, entry in entries.items() if entry}
        content = [part for entry in kept.values() for part in entry]
        return ("EVAL", RENEW, 1 + len(kept), token, *kept, self.seen, made_under, TOKEN_SECONDS, *content)


class Expiry:
    """What a transaction expires when it commits."""

    def __init__(self, tokens: set[str], renewals: dict[str, Renewal]):
        self.tokens, self.renewals, self.has_run = tokens, renewals, False

    def __call__(self) -> None:
        if self.has_run:
            return
        self.has_run = True
        renewals = {token: renewal for token, renewal in self.renewals.items() if token not in self.tokens}
        for kind, number in Counter(token.split(":")[1] for token in (*self.tokens, *renewals)).items():
            INVALIDATIONS.labels(kind).inc(number)
        prefix = settings.CACHE_PREFIX
        server.forget(
            {prefix + token for token in self.tokens},
            renewals={prefix + token: renewal.command(prefix + token) for token, renewal in renewals.items()},
        )


def at_commit(tokens: set[str], renewals: dict[str, Renewal]) -> None:
    """All that a transaction expires goes in one round trip; outside of one it goes at once."""
    for _, hook, _ in connection.run_on_commit:
        # A savepoint that would take this hook with it is one we are inside of: our write would go, too.
        if isinstance(hook, Expiry) and not hook.has_run:
            hook.tokens |= tokens
            hook.renewals |= renewals
            return
    transaction.on_commit(Expiry(tokens, renewals))


def in_transaction() -> bool:
    return bool(own_blocks())


def own_blocks() -> list:
    """Those of transactions and savepoints; a test's own are the world it runs in."""
    return [block for block in connection.atomic_blocks if not block._from_testcase]


def ping() -> None:
    """Raises when the cache server does not answer within its time-out."""
    get_redis_connection("default").ping()
