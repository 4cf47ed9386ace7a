"""Counters are kept beside the cache, never in it."""

import pytest

from darezone import caches, checks

URLS = [
    ("redis://cache:6379/0", "redis://cache:6379/1"),
    ("redis://cache", "redis://cache/1"),
    ("rediss://ann:secret@cache:6380/4?ssl_cert_reqs=none", "rediss://ann:secret@cache:6380/5?ssl_cert_reqs=none"),
    ("redis://cache:6379?db=3", "redis://cache:6379?db=4"),
    ("unix:///run/valkey.sock?db=0", "unix:///run/valkey.sock?db=1"),
    ("unix:///run/valkey.sock", "unix:///run/valkey.sock?db=1"),
    ("redis://cache:6379/15", "redis://cache:6379/0"),
]


class TestConfiguration:
    @pytest.mark.parametrize(("url", "expected"), URLS)
    def test_counters_have_the_next_database(self, url, expected):
        found = caches.configuration(url, "")
        assert (found["default"]["LOCATION"], found["throttles"]["LOCATION"]) == (url, expected)

    @pytest.mark.parametrize("url", [url for url, _ in URLS])
    def test_no_check_finds_anything_wrong_with_it(self, url, settings):
        settings.CACHES = caches.configuration(url, "")
        assert list(checks.caches()) == []

    def test_they_may_be_somewhere_else(self):
        found = caches.configuration("redis://cache:6379/0", "redis://counters:6379/0")
        assert found["throttles"]["LOCATION"] == "redis://counters:6379/0"
