"""Each unsafe way to the database is refused by its code, and the same settings without it are not."""

from copy import deepcopy

import pytest
from django.conf import settings as loaded
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from darezone import checks
from darezone.tests.checking import codes

POOL = {"min_size": 1, "max_size": 4, "timeout": 5}


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


class TestStart:
    def test_the_server_refuses_to_start_with_a_sentence(self, database):
        database["CONN_MAX_AGE"] = 60
        with pytest.raises(ImproperlyConfigured, match=r"^\(darezone\.E001\) A pool keeps"):
            checks.refuse_unsafe_settings()
