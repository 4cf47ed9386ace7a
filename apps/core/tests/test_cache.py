"""The engine on the real server: tokens, transactions, rubbish."""

import pytest
from django.db import transaction
from django_redis import get_redis_connection

from apps.core import cache, cache_values
from apps.core.cache_values import Fresh
from apps.core.tests.cached import BOTH, KEY, OTHER, TOKEN, name, read


@pytest.fixture
def raw():
    return get_redis_connection("default")


class TestReading:
    def test_it_works(self):
        assert read(body=b"old") == b"old"
        assert read(body=b"new") == b"old"
        cache.server.forget({name(TOKEN)})
        assert read(body=b"new") == b"new"

    def test_tokens_are_those_of_before_the_load(self):
        def load():
            cache.server.forget({name(TOKEN)})  # a write is answered while this reader is in the database
            return Fresh(b"old")

        assert cache.look(KEY).get(KEY, load).body == b"old"
        assert read() == b"new"

    def test_each_of_its_tokens_counts(self):
        for token in (TOKEN, OTHER):
            read(BOTH, b"old")
            cache.server.forget({name(token)})
            assert read(BOTH, b"new") == b"new"
            cache.server.forget({name(TOKEN), name(OTHER)})

    def test_other_tokens_do_not_matter(self):
        read(body=b"old")
        cache.server.forget({name(OTHER)})
        assert read() == b"old"

    def test_all_keys_come_in_one_round_trip(self):
        read(KEY), read(BOTH)
        before = cache.server.trips
        snapshot = cache.look(KEY, BOTH)
        assert [snapshot.get(key, None).body for key in (KEY, BOTH)] == [b"new", b"new"]
        assert cache.server.trips == before + 1

    def test_without_keys_nothing_is_asked(self):
        before = cache.server.trips
        cache.look()
        assert cache.server.trips == before

    def test_switched_off_it_is_not_asked(self, settings):
        read(body=b"old")
        settings.CACHE_ENABLED = False
        before = cache.server.trips
        assert read() == b"new"
        cache.expire(TOKEN)
        assert cache.server.trips == before

    def test_another_version_of_the_code_shares_tokens_and_no_values(self, monkeypatch):
        read(body=b"old")
        with monkeypatch.context() as patch:
            patch.setattr(cache_values, "schema", lambda: "other")
            assert read(body=b"new") == b"new"
            cache.server.forget({name(TOKEN)})
        assert read(body=b"newest") == b"newest"


class TestRubbish:
    """hc52: a miss, no error, and a fresh value in its place."""

    def test_a_garbage_value_is_a_miss_and_heals__hc52(self, raw):
        read(body=b"old")
        raw.set(KEY.name, b"\x80garbage")
        assert (read(body=b"new"), read(body=b"newest")) == (b"new", b"new")

    def test_a_value_of_another_type_is_a_miss_and_heals__hc52(self, raw):
        raw.rpush(KEY.name, "a list")
        assert (read(body=b"new"), read(body=b"newest")) == (b"new", b"new")

    def test_a_garbage_token_is_a_token__hc52(self, raw):
        read(body=b"old")
        raw.set(name(TOKEN), b"\xff|")
        assert (read(body=b"new"), read(body=b"newest")) == (b"new", b"new")
        cache.server.forget({name(TOKEN)})
        assert read(body=b"newest") == b"newest"

    def test_a_token_of_another_type_is_a_miss_until_it_is_expired__hc52(self, raw):
        read(body=b"old")
        raw.delete(name(TOKEN))
        raw.rpush(name(TOKEN), "a list")
        assert (read(body=b"new"), read(body=b"newest")) == (b"new", b"newest")
        cache.server.forget({name(TOKEN)})
        assert (read(body=b"new"), read(body=b"newest")) == (b"new", b"new")

    def test_a_lost_token_makes_a_miss_of_its_values__hc52(self, raw):
        read(body=b"old")
        raw.delete(name(TOKEN))
        assert read(body=b"new") == b"new"

    def test_one_lost_token_of_two_makes_a_miss__hc52(self, raw):
        read(BOTH, b"old")
        raw.delete(name(OTHER))
        assert (read(BOTH, b"new"), read(BOTH, b"newest")) == (b"new", b"new")

    def test_a_value_of_one_key_is_none_of_another__hc52(self, raw):
        read(BOTH, b"both")
        raw.set(KEY.name, raw.get(BOTH.name))
        assert read() == b"new"


@pytest.mark.django_db
class TestInsideATransaction:
    def test_nothing_is_read(self):
        read(body=b"old")
        with transaction.atomic():
            assert read(body=b"mine alone") == b"mine alone"

    def test_nothing_is_stored(self, raw):
        with transaction.atomic():
            read(body=b"mine alone")
        assert not raw.exists(KEY.name)

    def test_the_server_is_not_asked(self):
        before = cache.server.trips
        with transaction.atomic():
            read()
        assert cache.server.trips == before
