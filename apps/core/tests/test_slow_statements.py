"""Slow statements in the log: once, with their route and without their values."""

import pytest
from django.db import connection
from psycopg.sql import SQL, Literal

from apps.core import logs, slow_statements

pytestmark = pytest.mark.django_db


class TestSlowStatement:
    @pytest.fixture(autouse=True)
    def impatient(self, settings):
        settings.SLOW_QUERY_MS = 20

    def slow(self, caplog):
        return [record.fields for record in caplog.records if record.name == "darezone.sql"]

    def test_it_is_logged_once_without_its_values(self, caplog):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.03), %s, 'hunter2-secret', 4711", ["needle"])
        (line,) = self.slow(caplog)
        assert line["ms"] >= 20
        assert line["statement"] == "SELECT pg_sleep(?), ?, ?, ?"
        assert (line["method"], line["route"]) == ("-", "-")

    @pytest.mark.breaks
    def test_it_names_route_and_request(self, as_owner, caplog, monkeypatch):
        monkeypatch.setattr(caplog.handler, "filters", [logs.RequestId()])
        monkeypatch.setattr("apps.challenges.views.habits.HabitListView.get", sleeps)
        as_owner.get("/habits", headers={"X-Request-ID": "slow-1"})
        (line,) = self.slow(caplog)
        assert (line["method"], line["route"]) == ("GET", "/api/v1/habits")
        (record,) = [record for record in caplog.records if record.name == "darezone.sql"]
        assert record.request_id == "slow-1"

    def test_a_quick_one_is_not_logged(self, as_owner, caplog, settings):
        settings.SLOW_QUERY_MS = 60_000
        as_owner.get("/habits")
        assert self.slow(caplog) == []

    def test_it_is_found_again_by_its_fingerprint(self, caplog):
        with connection.cursor() as cursor:
            for values in ([1], [1, 2, 3]):
                marks = ", ".join(["%s"] * len(values))
                cursor.execute(f"SELECT pg_sleep(0.03) WHERE 1 IN ({marks})", values)  # noqa: S608
        first, second = self.slow(caplog)
        assert first["fingerprint"] == second["fingerprint"]

    def test_it_is_logged_when_it_fails(self, caplog):
        with pytest.raises(Exception, match="division"), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / (pg_sleep(0.03) IS NULL)::int")
        assert len(self.slow(caplog)) == 1

    def test_what_is_no_text_keeps_its_values_to_itself(self):
        assert slow_statements.fingerprint(SQL("SELECT {}").format(Literal("it's needle"))) == "Composed"


def sleeps(view, request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.03)")
    raise ValueError
