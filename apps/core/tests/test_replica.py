"""Which reads may go to a replica. That none of them is old: darezone/tests/test_replica.py, with a real one."""

from contextvars import copy_context

import pytest
from django.conf import settings as loaded
from django.db import DEFAULT_DB_ALIAS, transaction

from apps.core import replica
from apps.core.api import ApiView
from apps.core.tests.routes import api_routes

VIEWS = {route.view for route in api_routes()}
OPTED_IN = sorted(
    (view for view in VIEWS if getattr(getattr(view, "get", None), "may_ask_replica", False)),
    key=lambda view: view.__name__,
)


class TestOptedIn:
    def test_it_works(self):
        names = [view.__name__ for view in OPTED_IN]
        assert names == ["ChallengeView", "CheckinListView", "FeedView", "ProgressView", "TodayAliasView", "TodayView"]

    @pytest.mark.parametrize("view", OPTED_IN, ids=lambda view: view.__name__)
    def test_it_wants_nothing_from_the_cache(self, view):
        assert view.keys is ApiView.keys

    @pytest.mark.parametrize("view", OPTED_IN, ids=lambda view: view.__name__)
    def test_without_a_replica_it_stays_what_it_is(self, view):
        assert replica.ALIAS not in loaded.DATABASES and not hasattr(view.get, "__wrapped__")


class TestAlias:
    def test_it_is_the_primary_by_default(self):
        assert replica.alias() == DEFAULT_DB_ALIAS

    def test_it_is_the_replica_for_the_length_of_a_read(self):
        assert replica._from_replica(replica.alias) == replica.ALIAS
        assert replica.alias() == DEFAULT_DB_ALIAS

    def test_a_read_that_fails_leaves_nothing_behind(self):
        with pytest.raises(ZeroDivisionError):
            replica._from_replica(lambda: 1 / 0)
        assert replica.alias() == DEFAULT_DB_ALIAS

    def test_another_thread_knows_nothing_of_it(self):
        empty = copy_context()
        assert replica._from_replica(empty.run, replica.alias) == DEFAULT_DB_ALIAS

    @pytest.mark.django_db(transaction=True)
    def test_a_transaction_reads_where_it_writes(self):
        with transaction.atomic():
            assert replica._from_replica(replica.alias) == DEFAULT_DB_ALIAS
            assert replica.where_to_read() != replica.ALIAS
