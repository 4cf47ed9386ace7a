"""Each unsafe combination is refused by its code, and the same settings without it are not."""

import os

import pytest
from django.conf import settings as loaded

from darezone import checks
from darezone.tests.checking import codes

REDIS = {"SOCKET_CONNECT_TIMEOUT": 0.1, "SOCKET_TIMEOUT": 0.1, "SERIALIZER": "json"}


def redis(location: str | list[str] = "redis://cache:6379/0", **options) -> dict:
    kept = {name: value for name, value in (REDIS | options).items() if value is not None}
    return {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": location, "OPTIONS": kept}


class TestCaches:
    @pytest.mark.parametrize("name", ["SOCKET_TIMEOUT", "SOCKET_CONNECT_TIMEOUT"])
    @pytest.mark.parametrize("seconds", [None, 5])
    def test_one_that_may_hang_is_refused(self, settings, name, seconds):
        settings.CACHES = {"default": redis(**{name: seconds})}
        assert codes() == {"E012"}

    @pytest.mark.parametrize(
        ("first", "second", "found"),
        [
            ("redis://cache/0", "redis://user:secret@cache:6379/0", {"E013"}),
            ("redis://cache", "redis://cache/0", {"E013"}),
            ("redis://cache/1?socket_timeout=1&db=0", "redis://cache/0?db=0&socket_timeout=1", {"E013"}),
            ("redis://cache/0", ["redis://other/0", "redis://cache/0"], {"E013"}),
            ("unix:///run/valkey.sock?db=1", "unix:///run/valkey.sock?db=1", {"E013"}),
            ("unix:///run/valkey.sock?db=0", "unix:///run/valkey.sock?db=1", set()),
            ("redis://cache/0", "redis://cache/1", set()),
            ("redis://cache/0", "redis://other/0", set()),
        ],
    )
    def test_each_has_a_database_of_its_own(self, settings, first, second, found):
        settings.CACHES = {"default": redis(first), "sessions": redis(second)}
        assert codes() == found

    @pytest.mark.parametrize("serializer", [None, checks.PICKLE])
    def test_pickle_is_refused(self, settings, serializer):
        settings.CACHES = {"default": redis(SERIALIZER=serializer)}
        assert codes() == {"E014"}

    def test_one_in_memory_needs_nothing(self, settings):
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
        assert codes() == set()


class TestDeveloperTools:
    @pytest.mark.parametrize(("analyzes", "found"), [(True, {"E015"}), (False, set())])
    def test_silk_must_not_repeat_statements(self, settings, analyzes, found):
        settings.SILKY_ANALYZE_QUERIES = analyzes
        assert codes() == found

    @pytest.mark.parametrize(
        ("tool", "debug", "profile", "found"),
        [
            ("silk", False, False, {"E016"}),
            ("silk", False, True, set()),
            ("silk", True, False, set()),
            ("debug_toolbar", False, True, {"E016"}),
            ("debug_toolbar", True, False, set()),
        ],
    )
    def test_they_need_debug(self, monkeypatch, tool, debug, profile, found):
        # Not through the fixture: it would load the application.
        monkeypatch.setattr(loaded, "INSTALLED_APPS", [*loaded.INSTALLED_APPS, tool])
        monkeypatch.setattr(loaded, "DEBUG", debug)
        monkeypatch.setattr(loaded, "PROFILE", profile)
        assert codes() == found


class TestSigningKeys:
    def test_one_for_both_is_refused(self, settings):
        settings.JWT_SIGNING_KEY = settings.SECRET_KEY
        assert codes() == {"E017"}

    @pytest.mark.parametrize(
        ("other", "found"), [("SECRET_KEY", {"E017"}), ("JWT_SIGNING_KEY", {"E017"}), ("METRICS_TOKEN", set())]
    )
    def test_the_one_that_is_accepted_as_well_differs_from_both(self, settings, other, found):
        settings.JWT_SIGNING_KEY_PREVIOUS = getattr(settings, other)
        assert codes() == found

    @pytest.mark.parametrize(
        ("key", "found"),
        [
            ("kT3-m9Qx_vB7wLz2Rf8Yc5HsNd1GpJ4uEa6oXiW0", set()),
            ("kT3-m9Qx_vB7wLz", {"E018"}),
            ("s" * 60, {"E018"}),
            ("development-only-kT3-m9Qx_vB7wLz2Rf8Yc5HsNd1GpJ4uEa6oXiW0", {"E018"}),
        ],
    )
    @pytest.mark.parametrize("name", ["JWT_SIGNING_KEY", "JWT_SIGNING_KEY_PREVIOUS"])
    def test_one_that_can_be_guessed_is_refused_in_production(self, settings, name, key, found):
        settings.PRODUCTION, settings.SECRET_KEY = True, "Zq8-h2Wn_eK5rTy7Um1Ai4OpSd9FgLj3XcVb6NzQ"
        settings.JWT_SIGNING_KEY = "Pw3-y6Df_uM8iKo1Bn4Vc7XzLa2QsGh5JtRe9WlE"
        setattr(settings, name, key)
        assert codes() == found


class TestThrottles:
    @pytest.mark.parametrize(
        ("name", "found"),
        [
            ("rest_framework.throttling.UserRateThrottle", {"E019"}),
            ("darezone.tests.test_checks.Derived", {"E019"}),
            ("darezone.tests.test_checks.Own", set()),
        ],
    )
    def test_those_that_count_in_two_steps_are_refused(self, settings, name, found):
        settings.REST_FRAMEWORK = loaded.REST_FRAMEWORK | {"DEFAULT_THROTTLE_CLASSES": [name]}
        assert codes() == found


class TestPushes:
    @pytest.mark.parametrize(
        ("url", "found"),
        [
            ("https://exp.host/--/api/v2/push/send", set()),
            ("http://127.0.0.1:8080/push", set()),
            ("http://exp.host/--/api/v2/push/send", {"E021"}),
            ("ftp://exp.host/", {"E021"}),
            ("exp.host", {"E021"}),
        ],
    )
    def test_the_access_token_goes_over_tls(self, settings, url, found):
        settings.EXPO_PUSH_URL = url
        assert codes() == found


class TestMedia:
    @pytest.mark.parametrize(("production", "found"), [(True, {"E022"}), (False, set())])
    def test_a_folder_that_is_none_is_found_before_somebody_uploads(self, settings, tmp_path, production, found):
        settings.PRODUCTION, settings.SECRET_KEY = production, "Zq8-h2Wn_eK5rTy7Um1Ai4OpSd9FgLj3XcVb6NzQ"
        settings.JWT_SIGNING_KEY = "Pw3-y6Df_uM8iKo1Bn4Vc7XzLa2QsGh5JtRe9WlE"
        (tmp_path / "file").touch()
        settings.MEDIA_ROOT = str(tmp_path / "file" / "media")
        assert codes() == found

    @pytest.mark.parametrize("place", ["", "media", "a/b/media"])
    def test_one_that_can_be_made_is_fine(self, tmp_path, place):
        assert checks.can_write(tmp_path / place)

    def test_one_that_only_others_may_write_to_is_not(self, tmp_path, monkeypatch):
        monkeypatch.setattr("os.access", lambda path, mode: not mode & os.W_OK)  # whoever runs this may be root
        assert not checks.can_write(tmp_path)

    @pytest.mark.parametrize(
        ("name", "found"),
        [
            ("faces", set()),
            ("a.b-c_1", set()),
            ("darezone-photos", {"E023"}),
            ("a/b", {"E023"}),
            (".a", {"E023"}),
            ("ä", {"E023"}),
        ],
    )
    def test_buckets_are_three_words(self, settings, name, found):
        settings.STORAGE_BUCKET_AVATARS = name
        assert codes() == found


def __getattr__(name: str) -> type:
    """Throttles are made when they are asked for: those of DRF read the settings as they are imported."""
    from rest_framework.throttling import BaseThrottle, SimpleRateThrottle

    own = type("Own", (BaseThrottle,), {"allow_request": lambda *_: True})
    known = {"Derived": type("Derived", (SimpleRateThrottle,), {}), "Own": own}
    if name not in known:
        raise AttributeError(name)
    return known[name]
