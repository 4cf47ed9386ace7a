"""A statement is known by its text without values, and planned with parameters in their places."""

import pytest
from django.db import connection

from apps.profiling import fingerprints


class TestFingerprints:
    @pytest.mark.parametrize(
        ("sql", "plannable"),
        [
            ("SELECT a FROM t WHERE b = %s AND c = %(c)s", "SELECT a FROM t WHERE b = $1 AND c = $2"),
            ("SELECT a FROM t WHERE s = 'active' LIMIT 20", "SELECT a FROM t WHERE s = 'active' LIMIT 20"),
            ("SELECT a FROM t WHERE s = 'Kim O''Hara'", "SELECT a FROM t WHERE s = $1"),
            ("SELECT \"100%%\" FROM t WHERE a LIKE '%%x'", 'SELECT "100%%" FROM t WHERE a LIKE $1'),
            ("SELECT 7 %% 2", "SELECT 7 % 2"),
            ("UPDATE t SET a = 1", ""),
            ("WITH gone AS (DELETE FROM t RETURNING 1) SELECT 1", ""),
        ],
    )
    def test_values_become_parameters(self, sql, plannable):
        assert fingerprints.look_at(sql).plannable == plannable

    def test_it_is_the_name_in_the_log(self, caplog, settings, db):
        settings.SLOW_QUERY_MS = 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT 4711 AS found")
        (line,) = [record.fields for record in caplog.records if "found" in record.fields["statement"]]
        assert line["fingerprint"] == fingerprints.of("SELECT 4711 AS found").fingerprint
