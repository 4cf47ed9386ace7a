import pytest
from django.db import connection

from apps import testing
from apps.accounts.models import Session
from apps.core import clock

pytestmark = pytest.mark.django_db


class TestFixedChar:
    def test_it_keeps_its_length_in_bulk(self, owner):
        hashes = ["a" * 64, "b" * 64]
        sessions = [Session(user=owner, refresh_hash=value, expires_at=clock.now()) for value in hashes]
        Session.objects.bulk_create(sessions)
        assert sorted(Session.objects.values_list("refresh_hash", flat=True)) == hashes

    def test_it_is_char_in_the_database(self, owner):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT data_type, character_maximum_length FROM information_schema.columns"
                " WHERE table_name = 'challenges' AND column_name = 'invite_code'"
            )
            assert cursor.fetchone() == ("character", 6)
        assert len(testing.make_challenge(owner).invite_code) == 6
