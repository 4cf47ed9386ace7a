"""Remembered answers that have had their time."""

from datetime import timedelta

import pytest
from django.db import connection

from apps.core import clock
from apps.core.models import IdempotencyKey
from apps.jobs.purging import PAGE, PURGES
from apps.jobs.services import run_job

pytestmark = pytest.mark.django_db


class TestPurge:
    def keep(self, user, count: int, expires_at) -> None:
        row = {
            "user": user,
            "path": "/p",
            "body_hash": "0" * 64,
            "status": 200,
            "body": b"{}",
            "expires_at": expires_at,
        }
        IdempotencyKey.objects.bulk_create(
            [IdempotencyKey(key=f"{expires_at}{number}", **row) for number in range(count)]
        )

    def test_the_clean_up_deletes_those_that_have_expired(self, member):
        self.keep(member, 3, clock.now() - timedelta(seconds=1))
        self.keep(member, 2, clock.now() + timedelta(minutes=1))
        assert run_job("clean-up").counts["idempotency_keys"] == 3
        assert IdempotencyKey.objects.count() == 2

    def test_it_finds_them_by_their_index(self, member):
        now = clock.now()
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO idempotency_keys
                    (id, user_id, path, key, body_hash, status, body, created_at, expires_at)
                SELECT gen_random_uuid(), %s, '/p', n::text, repeat('0', 64), 200, '{}', %s,
                       %s + n * interval '1 minute'
                FROM generate_series(-600, 9000) n
                """,
                [member.pk, now, now],
            )
            cursor.execute("ANALYZE idempotency_keys")
        expired = PURGES["idempotency_keys"].rows(now).values("pk")
        assert "idx_idempotency_keys_expires" in expired[:PAGE].explain()
