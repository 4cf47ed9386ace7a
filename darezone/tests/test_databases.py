"""The server's way to PostgreSQL and that of commands, and the limits of the server's role."""

import io
from copy import deepcopy

import pytest
from django.conf import settings as loaded
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.utils import load_backend

from darezone import databases
from darezone.tests.deployment import serve

URL = "postgresql://ann:secret@db.example.com:6543/darezone"
POOL = {"min_size": 1, "max_size": 4, "timeout": 5}


def of_server(pooler: str) -> dict:
    return databases.of_server(URL, pooler=pooler, pool=POOL)


def wrapper(database: dict, **changes):
    """Another connection of this thread with the settings of `database`, to the database of the tests."""
    here = {name: connection.settings_dict[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    common = {"TIME_ZONE": None, "CONN_HEALTH_CHECKS": False, "AUTOCOMMIT": True, "ATOMIC_REQUESTS": False}
    chosen = deepcopy(database) | common | here | changes
    chosen["OPTIONS"].pop("pool", None)
    return load_backend(chosen["ENGINE"]).DatabaseWrapper(chosen, alias="default")


def shown(made, *names: str) -> list[str]:
    try:
        with made.cursor() as cursor:
            return [cursor.execute(f"SHOW {name}").fetchone()[0] for name in names]
    finally:
        made.close()


class TestReplica:
    def test_it_is_given_up_soon(self):
        database = databases.of_replica("postgresql://ann@replica.example.com/darezone", pool=POOL)
        assert database["OPTIONS"]["pool"] == POOL | {"timeout": 0.25}
        assert database["SESSION"] == {"statement_timeout": "1000"}
        assert database["OPTIONS"]["tcp_user_timeout"] == 1000

    def test_a_url_of_something_else_is_named(self):
        with pytest.raises(ImproperlyConfigured, match="DATABASE_REPLICA_URL must name a PostgreSQL database"):
            databases.of_replica("sqlite:///file", pool=POOL)


class TestServer:
    @pytest.mark.parametrize("pooler", ["direct", "session"])
    def test_it_prepares_statements_where_they_stay(self, pooler):
        made = of_server(pooler)
        assert made["OPTIONS"]["server_side_binding"] and not made["DISABLE_SERVER_SIDE_CURSORS"]

    def test_it_leaves_nothing_on_connections_of_a_transaction_pooler(self):
        made = of_server("transaction")
        assert "server_side_binding" not in made["OPTIONS"] and made["DISABLE_SERVER_SIDE_CURSORS"]
        assert "SESSION" not in made and "options" not in made["OPTIONS"]

    @pytest.mark.parametrize("pooler", ["direct", "session", "transaction"])
    def test_it_notices_a_network_that_is_gone(self, pooler):
        options = of_server(pooler)["OPTIONS"]
        assert (options["connect_timeout"], options["keepalives"], options["tcp_user_timeout"]) == (3, 1, 10_000)

    def test_what_the_url_says_wins(self):
        made = databases.of_server(f"{URL}?connect_timeout=9&sslmode=require", pooler="direct", pool=POOL)
        assert int(made["OPTIONS"]["connect_timeout"]) == 9 and made["OPTIONS"]["sslmode"] == "require"

    def test_a_process_keeps_as_many_connections_as_it_has_threads(self, monkeypatch):
        assert databases.pool(7) == {"min_size": 1, "max_size": 7, "timeout": 5}
        monkeypatch.setenv("DATABASE_POOL_SIZE", "3")
        assert databases.pool(7)["max_size"] == 3

    def test_bin_serve_gives_a_request_the_time_that_the_checks_count_with(self):
        options = type("Options", (), {"workers": 1, "threads": 1})
        command = serve.granian(host="127.0.0.1", port=1, options=options)
        assert command[command.index("--workers-kill-timeout") + 1] == str(loaded.WEB_TIMEOUT_SECONDS)


@pytest.mark.django_db
class TestConnection:
    LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")

    def test_a_command_has_all_the_time__hc57(self):
        made = wrapper(databases.of_commands(URL, pooler="direct"))
        made.settings_dict["OPTIONS"]["options"] = "-c statement_timeout=50 -c lock_timeout=50"
        assert shown(made, *self.LIMITS, "application_name") == ["0", "0", "0", "darezone-command"]

    def test_the_server_has_the_limits_of_its_role(self):
        made = wrapper(of_server("direct"))
        made.settings_dict["OPTIONS"]["options"] = "-c statement_timeout=50 -c lock_timeout=40"
        assert shown(made, *self.LIMITS[:2], "application_name") == ["50ms", "40ms", "darezone-web"]

    def test_another_time_zone_is_set(self, monkeypatch):
        monkeypatch.setenv("PGTZ", "Asia/Tokyo")
        assert shown(wrapper(of_server("direct")), "timezone") == ["UTC"]

    def test_over_a_transaction_pooler_it_is_refused(self, monkeypatch):
        monkeypatch.setenv("PGTZ", "Asia/Tokyo")
        with pytest.raises(OperationalError, match="time zone is Asia/Tokyo, not UTC: run database_limits"):
            shown(wrapper(of_server("transaction")), "timezone")

    def test_over_a_transaction_pooler_the_right_one_is_taken(self, monkeypatch):
        monkeypatch.setenv("PGTZ", "UTC")
        assert shown(wrapper(of_server("transaction")), "timezone") == ["UTC"]


@pytest.mark.django_db
class TestDatabaseLimits:
    @pytest.fixture(autouse=True)
    def server_is_here(self, settings):
        here = connection.settings_dict
        settings.SERVER_DATABASE = here | {"OPTIONS": dict(here["OPTIONS"])}

    def stored(self, role: str = "current_user") -> set[str]:
        sql = f"""SELECT unnest(setconfig) FROM pg_db_role_setting
            WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND setrole = {role}::regrole"""  # noqa: S608
        with connection.cursor() as cursor:
            return {row[0] for row in cursor.execute(sql).fetchall()}

    def test_it_works(self):
        said = io.StringIO()
        call_command("database_limits", stdout=said)
        expected = {"statement_timeout=8000ms", "lock_timeout=3000ms", "idle_in_transaction_session_timeout=10000ms"}
        assert self.stored() == expected | {"TimeZone=UTC"}
        assert said.getvalue().count("\n") == 4 and "statement_timeout = 8000ms" in said.getvalue()

    def test_a_second_time_changes_only_what_is_new(self, settings):
        call_command("database_limits", verbosity=0)
        settings.DATABASE_LIMITS = loaded.DATABASE_LIMITS | {"lock_timeout": 1500}
        call_command("database_limits", verbosity=0)
        assert {"lock_timeout=1500ms", "statement_timeout=8000ms"} < self.stored()

    def test_another_role_can_be_named(self):
        with connection.cursor() as cursor:
            cursor.execute('CREATE ROLE "the web"')
        call_command("database_limits", role="the web", verbosity=0)
        assert "lock_timeout=3000ms" in self.stored("'\"the web\"'") and not self.stored()

    def test_one_that_does_not_exist_is_told(self):
        with pytest.raises(CommandError, match="could not be set"):
            call_command("database_limits", role="nobody here")
