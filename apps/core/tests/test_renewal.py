"""A write that stores what it has changed: in every order of the steps of others nobody reads something old."""

import pytest
from django.conf import settings
from django.db import transaction

from apps import testing
from apps.core import cache
from apps.core.cache_values import Fresh, Key, Kind
from apps.profiling.tests.interleaving import orders

TOKEN, OTHER = "t:x:1", "t:x:2"
KEY = Key(Kind("test", 60), "one", (TOKEN,))


def stored() -> bytes | None:
    """What a reader that comes now is served without the database."""
    value = cache.look(KEY, stores=False).values[KEY]
    return value.body if value else None


def read(body: bytes) -> bytes:
    return cache.look(KEY).get(KEY, lambda: Fresh(body)).body


def seen() -> bytes | None:
    return cache.look(KEY, stores=False).tokens[TOKEN]


class World:
    """A database of two columns, a write that renews, one that expires, and a reader; each in its steps."""

    def __init__(self):
        testing.forget()
        self.rows, self.answered = {"a": 0, "b": 0}, {"a": 0, "b": 0}
        read(self.content())

    def content(self) -> bytes:
        return b"%d%d" % tuple(self.rows.values())

    def renewing(self):
        token = seen()
        yield
        self.rows["a"] = 1
        content = self.content()
        yield
        cache.renew(TOKEN, token, {KEY: Fresh(content)})
        self.answered["a"] = 1
        yield

    def expiring(self):
        self.rows["b"] = 1
        yield
        cache.expire(TOKEN)
        self.answered["b"] = 1
        yield

    def reading(self):
        snapshot = cache.look(KEY)
        yield
        snapshot._has_tokens()
        content = self.content()
        yield
        snapshot.get(KEY, lambda: Fresh(content))
        yield

    def check(self, order) -> None:
        served = stored()
        if served:
            assert all(int(chr(now)) >= then for now, then in zip(served, self.answered.values(), strict=True)), order


@pytest.mark.django_db(transaction=True)
class TestInterleavings:
    def test_nobody_is_served_something_older_than_what_was_answered(self):
        renewed = 0
        for order in orders(3, 2, 3):
            world = World()
            actors = [world.renewing(), world.expiring(), world.reading()]
            for actor in order:
                next(actors[actor])
                world.check(order)
            renewed += stored() == b"11"
        assert renewed  # else nothing was ever stored, and nothing proved

    def test_two_that_renew_and_a_reader(self):
        for order in orders(3, 3, 3):
            world = World()
            actors = [world.renewing(), world.renewing(), world.reading()]
            for actor in order:
                next(actors[actor])
                world.check(order)


@pytest.mark.django_db(transaction=True)
class TestRenewing:
    def test_it_works(self):
        read(b"old")
        with transaction.atomic():
            cache.renew(TOKEN, seen_outside(), {KEY: Fresh(b"new")})
        before = cache.server.trips
        assert read(b"not asked for") == b"new"
        assert cache.server.trips == before + 1

    def test_it_is_one_round_trip_with_what_else_expires(self):
        read(b"old")
        token = seen()
        before = cache.server.trips
        with transaction.atomic():
            cache.expire(OTHER)
            cache.renew(TOKEN, token, {KEY: Fresh(b"new")})
        assert cache.server.trips == before + 1

    def test_without_a_token_it_expires(self):
        cache.renew(TOKEN, None, {KEY: Fresh(b"new")})
        assert (stored(), seen()) == (None, None)

    def test_what_its_transaction_expires_as_well_is_not_stored(self):
        read(b"old")
        token = seen()
        with transaction.atomic():
            cache.renew(TOKEN, token, {KEY: Fresh(b"new")})
            cache.expire(TOKEN)
        assert (stored(), seen()) == (None, None)

    def test_a_rolled_back_transaction_stores_nothing(self):
        read(b"old")
        token = seen()
        with pytest.raises(KeyError), transaction.atomic():
            cache.renew(TOKEN, token, {KEY: Fresh(b"new")})
            raise KeyError
        assert stored() == b"old"

    def test_a_savepoint_stores_nothing(self):
        """It may be rolled back, and its transaction commit."""
        read(b"old")
        token = seen()
        with transaction.atomic():
            cache.expire(OTHER)
            with pytest.raises(KeyError), transaction.atomic():
                cache.renew(TOKEN, token, {KEY: Fresh(b"new")})
                raise KeyError
        assert stored() != b"new"

    def test_a_lost_one_is_kept_like_any_other(self, monkeypatch):
        read(b"old")
        token = seen()
        cache.server.breaker.open("test")
        try:
            cache.renew(TOKEN, token, {KEY: Fresh(b"new")})
            assert settings.CACHE_PREFIX + TOKEN in cache.server.lost
        finally:
            cache.server.recover()
        assert stored() is None

    def test_it_lasts_as_long_as_its_kind(self):
        read(b"old")
        cache.renew(TOKEN, seen(), {KEY: Fresh(b"new")})
        name = KEY.name
        (milliseconds,) = cache.server.ask(("PTTL", name))
        assert 53_000 < milliseconds <= 60_000


def seen_outside() -> bytes | None:
    """As the authentication found it: before the transaction, over the connection of this thread."""
    (token,) = cache.server.ask(("GET", settings.CACHE_PREFIX + TOKEN))
    return token
