"""When what was written expires: after the commit, and never for what was rolled back."""

import pytest
from django.db import connection, transaction

from apps import testing
from apps.core import cache
from apps.core.cache import Expiry
from apps.core.tests.cached import BOTH, KEY, OTHER, TOKEN, name, read


def pending() -> list[set[str]]:
    """What each hook of the transaction would expire."""
    return [hook.tokens for _, hook, _ in connection.run_on_commit if isinstance(hook, Expiry)]


class Abandoned(Exception):
    pass


@pytest.mark.django_db
class TestExpiry:
    def test_it_waits_for_the_commit(self):
        with transaction.atomic():
            cache.expire(TOKEN)
            assert pending() == [{TOKEN}]

    def test_all_of_a_transaction_goes_together(self):
        with transaction.atomic():
            cache.expire(TOKEN)
            with transaction.atomic():
                cache.expire(OTHER, TOKEN)
        cache.expire("t:x:3")
        assert pending() == [{TOKEN, OTHER, "t:x:3"}]
        read(BOTH), read(KEY)
        before = cache.server.trips
        testing.expire_what_was_written()
        assert cache.server.trips == before + 1
        assert read(BOTH, b"newest") == b"newest"

    def test_what_is_rolled_back_expires_nothing(self):
        abandon(lambda: cache.expire(TOKEN))
        assert pending() == []

    def test_an_outer_one_survives_an_inner_rollback(self):
        with transaction.atomic():
            cache.expire(TOKEN)
            abandon(lambda: cache.expire(OTHER))
        assert TOKEN in pending()[0]

    def test_one_after_an_inner_rollback_is_kept(self):
        with transaction.atomic():
            abandon(lambda: cache.expire(TOKEN))
            cache.expire(OTHER)
        assert pending() == [{OTHER}]

    def test_one_of_a_released_savepoint_survives_a_later_rollback(self):
        with transaction.atomic():
            with transaction.atomic():
                cache.expire(TOKEN)
            abandon(lambda: cache.expire(OTHER))
        assert TOKEN in pending()[0]

    def test_an_outer_rollback_takes_the_inner_ones_with_it(self):
        def write():
            with transaction.atomic():
                cache.expire(TOKEN)
            cache.expire(OTHER)

        abandon(write)
        assert pending() == []

    def test_one_that_joined_a_released_savepoint_is_not_lost_with_a_sibling(self):
        with transaction.atomic():
            with transaction.atomic():
                cache.expire(TOKEN)
            with transaction.atomic():
                cache.expire(OTHER)
            abandon(lambda: None)
        assert pending() == [{TOKEN, OTHER}]

    def test_after_it_has_run_another_one_is_made(self):
        cache.expire(TOKEN)
        testing.expire_what_was_written()
        cache.expire(OTHER)
        assert pending() == [{TOKEN}, {OTHER}]


@pytest.mark.django_db(transaction=True)
class TestRealCommit:
    def test_it_expires_after_the_commit_and_before_the_service_answers(self, owner, monkeypatch):
        seen = []
        monkeypatch.setattr(cache.server, "forget", lambda names, **_: seen.append((names, connection.in_atomic_block)))
        with transaction.atomic():
            cache.expire(TOKEN)
            assert seen == []
        assert seen == [({name(TOKEN)}, False)]

    def test_without_a_transaction_it_expires_at_once(self):
        read(body=b"old")
        cache.expire(TOKEN)
        assert read() == b"new"

    def test_a_rollback_expires_nothing(self):
        read(body=b"old")
        abandon(lambda: cache.expire(TOKEN))
        assert read() == b"old"


def abandon(write) -> None:
    """A savepoint or transaction that is rolled back after `write`."""
    with pytest.raises(Abandoned), transaction.atomic():
        write()
        raise Abandoned
