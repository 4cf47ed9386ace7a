"""Each unsafe combination is refused by its code, and the same settings without it are not."""

import os
from copy import deepcopy

import pytest
from django.conf import settings as loaded
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from darezone import checks

POOL = {"min_size": 1, "max_size": 4, "timeout": 5}
REDIS = {"SOCKET_CONNECT_TIMEOUT": 0.1, "SOCKET_TIMEOUT": 0.1, "SERIALIZER": "json"}


def codes() -> set[str]:
    return {error.id.removeprefix("darezone.") for error in checks.check_settings()}


@pytest.fixture
def database(settings):
    """The server's database, to be spoiled, with the pool that tests do without."""
    settings.SERVER_DATABASE = deepcopy(loaded.SERVER_DATABASE)
    settings.SERVER_DATABASE["OPTIONS"]["pool"] = POOL
    return settings.SERVER_DATABASE


@pytest.fixture
def behind_pooler(settings, database):
    settings.DATABASE_POOLER, settings.DATABASE_DIRECT_URL = "transaction", "postgresql://elsewhere/darezone"
    database["DISABLE_SERVER_SIDE_CURSORS"] = True
    database["OPTIONS"].pop("server_side_binding", None)
    return database


def redis(location: str | list[str] = "redis://cache:6379/0", **options) -> dict:
    kept = {name: value for name, value in (REDIS | options).items() if value is not None}
    return {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": location, "OPTIONS": kept}


class TestPool:
    def test_it_works(self, database):
        assert codes() == set()

    def test_kept_connections_are_refused(self, database):
        database["CONN_MAX_AGE"] = 60
        assert codes() == {"E001"}

    def test_the_stock_engine_is_refused(self, database):
        database["ENGINE"] = "django.db.backends.postgresql"
        assert codes() == {"E002"}

    def test_both_are_fine_without_a_pool(self, database):
        database |= {"CONN_MAX_AGE": 60, "ENGINE": "django.db.backends.postgresql"}
        del database["OPTIONS"]["pool"]
        assert codes() == set()


class TestTransactionPooler:
    def test_it_works(self, behind_pooler):
        assert codes() == set()

    def test_cursors_of_the_server_are_refused(self, behind_pooler):
        behind_pooler["DISABLE_SERVER_SIDE_CURSORS"] = False
        assert codes() == {"E003"}

    @pytest.mark.parametrize("options", [{"server_side_binding": True}, {"prepare_threshold": 0}])
    def test_prepared_statements_are_refused(self, behind_pooler, options):
        behind_pooler["OPTIONS"] |= options
        assert codes() == {"E004"}

    def test_startup_options_are_refused(self, behind_pooler):
        behind_pooler["OPTIONS"]["options"] = "-c statement_timeout=8000"
        assert codes() == {"E005"}

    def test_migrations_need_a_way_past_it(self, behind_pooler, settings):
        settings.DATABASE_DIRECT_URL = settings.DATABASE_URL
        assert codes() == {"E006"}

    @pytest.mark.parametrize("pooler", ["direct", "session"])
    def test_everything_is_allowed_elsewhere(self, behind_pooler, settings, pooler):
        settings.DATABASE_POOLER, settings.DATABASE_DIRECT_URL = pooler, settings.DATABASE_URL
        behind_pooler["OPTIONS"] |= {"server_side_binding": True, "options": "-c statement_timeout=8000"}
        assert codes() == set()


class TestBudget:
    @pytest.mark.parametrize(("allowed", "found"), [(53, set()), (52, {"E007"}), (0, set())])
    def test_the_processes_must_fit(self, database, settings, allowed, found):
        settings.WEB_WORKERS, settings.WEB_INSTANCES, settings.DATABASE_MAX_CONNECTIONS = 4, 3, allowed
        assert codes() == found

    @pytest.mark.django_db
    @pytest.mark.parametrize(("instances", "found"), [(1, []), (10_000, ["darezone.E007"])])
    def test_the_server_is_asked_where_it_may_be(self, database, settings, instances, found):
        settings.WEB_WORKERS, settings.WEB_INSTANCES = 1, instances
        errors = [error for error in run_checks(databases=["default"]) if error.id.startswith("darezone.")]
        assert [error.id for error in errors] == found

    @pytest.mark.django_db
    def test_it_is_not_asked_elsewhere(self, database, settings):
        settings.WEB_INSTANCES = 10_000
        assert checks.check_server() == checks.check_server(databases=["another"]) == []
        settings.DATABASE_POOLER = "transaction"  # whose clients are not PostgreSQL's connections
        assert checks.check_server(databases=["default"]) == []

    @pytest.mark.django_db(transaction=True)
    def test_a_server_that_is_away_is_not_reported_here(self, database, settings, monkeypatch):
        settings.WEB_INSTANCES = 10_000
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
        assert checks.check_server(databases=["default"]) == []


class TestWaits:
    @pytest.mark.parametrize(("seconds", "found"), [(5, set()), (6.9, set()), (7, {"E008"})])
    def test_they_end_before_the_server_gives_up(self, database, seconds, found):
        database["OPTIONS"]["pool"] = POOL | {"timeout": seconds}
        assert codes() == found

    @pytest.mark.parametrize(("milliseconds", "found"), [(7999, set()), (8000, {"E009"})])
    def test_a_lock_is_given_up_before_its_statement(self, database, settings, milliseconds, found):
        settings.DATABASE_LIMITS = loaded.DATABASE_LIMITS | {"lock_timeout": milliseconds}
        assert codes() == found


class TestReplica:
    PRIMARY, PAST = "postgresql://ann:a@db.example.com/darezone", "postgresql://ann:a@past.example.com/darezone"

    @pytest.mark.parametrize(
        ("url", "found"),
        [
            ("", set()),
            ("postgresql://ann:a@replica.example.com/darezone", set()),
            ("postgresql://ann:a@db.example.com:6000/darezone", set()),
            (PRIMARY, {"E020"}),
            ("postgresql://bob:b@db.example.com:5432/darezone?connect_timeout=1", {"E020"}),
            (PAST, {"E020"}),
        ],
    )
    def test_it_is_another_server_than_the_primary(self, database, settings, url, found):
        settings.DATABASE_URL, settings.DATABASE_DIRECT_URL, settings.DATABASE_REPLICA_URL = (
            self.PRIMARY,
            self.PAST,
            url,
        )
        assert codes() == found

    @pytest.mark.parametrize(("seconds", "found"), [(5.7, set()), (5.8, {"E008"})])
    def test_the_wait_for_it_counts(self, database, settings, seconds, found):
        settings.DATABASE_REPLICA_URL = "postgresql://replica.example.com/darezone"
        database["OPTIONS"]["pool"] = POOL | {"timeout": seconds}
        assert codes() == found


class TestCachedReads:
    @pytest.mark.parametrize(("enabled", "found"), [(True, {"E010"}), (False, set())])
    def test_no_transaction_around_requests(self, database, settings, enabled, found):
        settings.CACHE_ENABLED, database["ATOMIC_REQUESTS"] = enabled, True
        assert codes() == found

    @pytest.mark.parametrize(("enabled", "found"), [(True, {"E011"}), (False, set())])
    def test_no_other_isolation(self, database, settings, enabled, found):
        settings.CACHE_ENABLED, database["OPTIONS"]["isolation_level"] = enabled, 3
        assert codes() == found


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


class TestStart:
    def test_the_server_refuses_to_start_with_a_sentence(self, database):
        database["CONN_MAX_AGE"] = 60
        with pytest.raises(ImproperlyConfigured, match=r"^\(darezone\.E001\) A pool keeps"):
            checks.refuse_unsafe_settings()


def __getattr__(name: str) -> type:
    """Throttles are made when they are asked for: those of DRF read the settings as they are imported."""
    from rest_framework.throttling import BaseThrottle, SimpleRateThrottle

    own = type("Own", (BaseThrottle,), {"allow_request": lambda *_: True})
    known = {"Derived": type("Derived", (SimpleRateThrottle,), {}), "Own": own}
    if name not in known:
        raise AttributeError(name)
    return known[name]
