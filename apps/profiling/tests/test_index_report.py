"""manage.py index_report: tables for people, JSON for programs, an exit code for CI."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

pytestmark = pytest.mark.django_db


def report(*options):
    out = StringIO()
    call_command("index_report", *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def redundant():
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX by_user ON check_ins (user_id)")


class TestIndexReport:
    def test_it_works(self):
        text = report()
        assert text.startswith("Scans since ")
        assert "Invalid: none" in text and "Redundant: none" in text
        assert "challenges_created_by_id" in text and "contract 9.5" in text

    def test_it_prints_the_migration(self, redundant):
        text = report()
        assert "Redundant: 1" in text
        drop = "migrations.RunSQL('DROP INDEX CONCURRENTLY IF EXISTS \"by_user\"', migrations.RunSQL.noop),"
        assert f"\n    {drop}\n" in text

    def test_it_writes_json(self, redundant):
        document = json.loads(report("--json"))
        assert document.keys() == {"counted_since", "findings"}
        assert list(document["findings"]) == [
            "invalid",
            "redundant",
            "unused",
            "foreign keys without index",
            "large tables with sequential scans",
        ]
        (finding,) = document["findings"]["redundant"]
        assert (finding["table"], finding["name"], finding["scans"]) == ("check_ins", "by_user", 0)

    def test_it_checks_our_schema(self):
        report("--check")

    def test_a_check_fails_on_a_redundant_index(self, redundant):
        report()
        with pytest.raises(CommandError, match="by_user") as failure:
            report("--check")
        assert failure.value.returncode == 1

    def test_a_check_fails_on_an_invalid_index(self):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_sessions_user'::regclass")
        with pytest.raises(CommandError, match="idx_sessions_user"):
            report("--check")
