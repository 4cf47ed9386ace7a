"""How a value is stored, and for how long."""

from datetime import timedelta

import pytest
from django.conf import settings
from django_redis import get_redis_connection
from hypothesis import given
from hypothesis import strategies as st

from apps.core import cache, clock
from apps.core.cache_values import Fresh, Key, Kind, closed, digest, opened, valued

KEY = Key(Kind("test", 60), "one", ("t:x:1",))
STAMP, LAST = digest(b"a token"), 1000.0
VALUE = valued(b'{"name":"Ann"}')
STORED = closed(VALUE, STAMP, LAST)


class TestStoredValue:
    def test_it_works(self):
        assert opened(STORED, STAMP, LAST - 0.001) == VALUE

    def test_an_empty_body_is_a_value(self):
        assert opened(closed(valued(b""), STAMP, LAST), STAMP, 0).body == b""

    def test_its_etag_is_that_of_its_body(self):
        assert opened(STORED, STAMP, 0).etag == valued(VALUE.body).etag != valued(b"{}").etag

    def test_other_tokens_make_it_a_miss(self):
        assert opened(STORED, digest(b"another token"), 0) is None

    def test_in_its_last_second_it_is_a_miss(self):
        assert opened(STORED, STAMP, LAST) is None

    def test_a_part_of_it_is_a_miss__hc52(self):
        assert [opened(STORED[:length], STAMP, 0) for length in range(len(STORED))] == [None] * len(STORED)

    @pytest.mark.parametrize("bit", [1, 128])
    def test_a_flipped_bit_makes_it_a_miss__hc52(self, bit):
        for position in range(len(STORED)):
            flipped = STORED[:position] + bytes([STORED[position] ^ bit]) + STORED[position + 1 :]
            assert opened(flipped, STAMP, 0) is None

    @given(st.binary(max_size=200))
    def test_garbage_is_a_miss__hc52(self, garbage):
        assert opened(garbage, STAMP, 0) is None


class TestLifetime:
    def test_it_is_shortened_at_random_and_never_lengthened(self):
        lives = [life(KEY._replace(parameters=str(number))) for number in range(20)]
        assert all(53_000 < left <= 60_000 for left in lives)
        assert max(lives) - min(lives) > 500

    def test_it_ends_with_what_the_clock_makes_untrue(self):
        assert 0 < life(until=clock.now() + timedelta(seconds=5)) <= 5000

    def test_what_is_about_to_end_is_not_stored(self):
        assert life(until=clock.now() + timedelta(milliseconds=900)) == -2

    def test_what_has_ended_is_not_stored(self):
        assert life(until=clock.now() - timedelta(days=1)) == -2

    def test_a_later_end_does_not_lengthen_it(self):
        assert life(until=clock.now() + timedelta(days=1)) <= 60_000

    def test_by_the_clock_it_ends_even_when_the_server_still_has_it(self):
        life()
        with clock.standing_at(clock.now() + timedelta(seconds=61)):
            assert cache.look(KEY).values[KEY] is None

    def test_a_token_outlives_every_value(self):
        life()
        assert stored_for("t:x:1") > 3_599_000


def life(key=KEY, until=None) -> int:
    """Milliseconds that the server keeps a value; -2 for one that was not stored."""
    cache.look(key).get(key, lambda: Fresh(b"{}", until))
    return get_redis_connection("default").pttl(key.name)


def stored_for(token: str) -> int:
    return get_redis_connection("default").pttl(settings.CACHE_PREFIX + token)
