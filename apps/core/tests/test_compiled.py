"""A compiled queryset returns what the queryset returns, for any data and any values."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection, models, transaction
from django.db.models import F
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps import testing
from apps.challenges.models import Challenge, Habit
from apps.core.compiled import CannotCompile, Compiled, Pages
from apps.core.pagination import Cursor, numbered, walked
from apps.notifications.models import Notification

pytestmark = pytest.mark.django_db


def created_between(owner, since, words):
    """A queryset with a join, a condition on each kind of value, an annotation and an order."""
    return (
        Habit.objects.filter(created_by=owner, created_at__gte=since, name__gt=words)
        .order_by("-created_at", "id")
        .values("id", "name", "created_at", owner_name=F("created_by__display_name"))
    )


COMPILED = Compiled(created_between, owner=models.UUIDField(), since=models.DateTimeField(), words=models.CharField())


class TestCompiled:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        habits=st.lists(st.tuples(st.text("abc%_'\\", min_size=1, max_size=4), st.integers(0, 3)), max_size=8),
        words=st.text("abc%_'\\", max_size=3),
        since=st.integers(0, 3),
        limit=st.none() | st.integers(0, 9),
        offset=st.integers(0, 9),
    )
    def test_it_equals_the_queryset_on_any_data(self, owner, habits, words, since, limit, offset):
        Habit.objects.filter(created_by=owner).delete()
        for name, day in habits:
            testing.make_habit(owner, name=name, created_at=datetime(2026, 3, 1 + day, tzinfo=UTC))
        values = {"owner": owner.id, "since": datetime(2026, 3, 1 + since, tzinfo=UTC), "words": words}
        plain = created_between(**values)
        plain = plain[offset : offset + limit] if limit is not None else plain[offset:]
        assert COMPILED.rows(**values, limit=limit, offset=offset) == list(plain)

    def test_it_compiles_once_and_goes_through_djangos_connection(self, owner):
        calls = []
        compiled = Compiled(
            lambda owner: calls.append(1) or Habit.objects.filter(created_by=owner).values("id"),
            owner=models.UUIDField(),
        )
        with CaptureQueriesContext(connection) as queries:
            compiled.rows(owner=owner.id)
            compiled.rows(owner=owner.id)
        assert (len(queries), len(calls)) == (2, 1)

    def test_it_converts_columns_as_the_queryset_does(self, owner):
        Notification.objects.create(user=owner, type="member_left", title="t", body="b", data={"a": [1, "ü"]})
        compiled = Compiled(
            lambda user: Notification.objects.filter(user=user).values("data", "title"), user=models.UUIDField()
        )
        assert compiled.row(user=owner.id) == {"data": {"a": [1, "ü"]}, "title": "t"}

    def test_it_gives_single_values(self, owner):
        compiled = Compiled(lambda id: Habit.objects.filter(pk=id).values_list("name"), id=models.UUIDField())
        assert compiled.value(id=testing.HABITS[0]) == "Morning Exercise"
        assert compiled.value(id=owner.id) is None
        assert compiled.row(id=owner.id) is None

    def test_it_writes_limit_and_offset_as_literals(self, owner):
        with CaptureQueriesContext(connection) as queries:
            COMPILED.rows(owner=owner.id, since=datetime(2026, 3, 1, tzinfo=UTC), words="", limit=3, offset=4)
        assert queries[0]["sql"].endswith("LIMIT 3 OFFSET 4")

    def test_it_sees_the_rows_of_its_transaction(self, owner):
        compiled = Compiled(lambda owner: Habit.objects.filter(created_by=owner).values("id"), owner=models.UUIDField())
        habit = testing.make_habit(owner)
        assert compiled.rows(owner=owner.id) == [{"id": habit.id}]


class TestRefusals:
    def test_it_refuses_none_where_it_would_find_nothing(self):
        with pytest.raises(TypeError, match="NULL"):
            COMPILED.rows(owner=None, since=datetime(2026, 3, 1, tzinfo=UTC), words="")

    @pytest.mark.parametrize(
        ("build", "words"),
        [
            (lambda id: Habit.objects.filter(pk=id).values("id")[:5], "slice"),
            (lambda id: Habit.objects.filter(pk=id, name__in=[]).values("id"), "empty"),
            (
                lambda id: Habit.objects.filter(pk=id, created_at__gt=datetime(2026, 3, 1, tzinfo=UTC)).values("id"),
                "frozen",
            ),
            (lambda id: Challenge.objects.filter(pk=id, start_date=date(2026, 3, 1)).values("id"), "frozen"),
        ],
    )
    def test_it_refuses_what_does_not_hold_for_every_call(self, build, words):
        with pytest.raises(CannotCompile, match=words):
            Compiled(build, id=models.UUIDField()).rows(id=testing.HABITS[0])

    @pytest.mark.django_db(transaction=True)
    def test_it_refuses_to_lock_outside_of_a_transaction(self, owner):
        locked = Compiled(
            lambda id: Habit.objects.filter(pk=id).select_for_update().values("id"), id=models.UUIDField()
        )
        with transaction.atomic():
            assert locked.rows(id=testing.HABITS[0])
        with pytest.raises(TransactionManagementError, match="lock"):
            locked.rows(id=testing.HABITS[0])

    def test_it_refuses_a_field_that_allows_none(self):
        with pytest.raises(CannotCompile, match="NULL"):
            Compiled(lambda name: Habit.objects.filter(name=name).values("id"), name=models.CharField(null=True))

    def test_it_refuses_a_collection(self):
        compiled = Compiled(lambda ids: Habit.objects.filter(pk__in=ids).values("id"), ids=models.UUIDField())
        with pytest.raises(TypeError, match="collection"):
            compiled.rows(ids=testing.HABITS)

    def test_it_refuses_missing_and_unknown_values(self):
        with pytest.raises(TypeError, match="takes"):
            COMPILED.rows(owner=testing.HABITS[0])

    def test_it_refuses_a_limit_that_is_no_number(self, owner):
        with pytest.raises(ValueError, match="invalid literal"):
            COMPILED.rows(owner=owner.id, since=datetime(2026, 3, 1, tzinfo=UTC), words="", limit="1; DROP TABLE users")


def own_habits(owner):
    return Habit.objects.filter(created_by=owner).order_by("-created_at", "-id").values("id", "name", "created_at")


PAGES_ORDER = {"created_at": models.DateTimeField(), "id": models.UUIDField()}
PAGES = Pages(own_habits, order=PAGES_ORDER, owner=models.UUIDField())
CURSOR = Cursor("pages", created_at="datetime", id="uuid")


class TestPages:
    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(days=st.lists(st.integers(1, 3), max_size=9), page=st.integers(1, 4), limit=st.integers(1, 4))
    def test_it_pages_and_walks_like_the_queryset(self, owner, days, page, limit):
        Habit.objects.filter(created_by=owner).delete()
        for day in days:
            testing.make_habit(owner, created_at=datetime(2026, 3, day, tzinfo=UTC))
        bound, queryset = PAGES.bind(owner=owner.id), own_habits(owner.id)
        assert numbered(bound, page, limit) == numbered(queryset, page, limit)
        values = {"page": 1, "limit": limit}
        while values:
            found = walked(bound, CURSOR, values)
            assert found == walked(queryset, CURSOR, values)
            values = {"limit": limit, "cursor": found["next_cursor"]} if found["next_cursor"] else None

    def test_it_counts_without_reading_rows(self, owner):
        testing.make_habit(owner)
        with CaptureQueriesContext(connection) as queries:
            assert PAGES.bind(owner=owner.id).count() == 1
        assert "COUNT" in queries[0]["sql"] and "ORDER BY" not in queries[0]["sql"]

    def test_it_counts_without_the_joins_of_its_columns(self, owner):
        pages = Pages(
            lambda owner: own_habits(owner).values("id", "created_at", owner_name=F("created_by__display_name")),
            order=PAGES_ORDER,
            count=own_habits,
            owner=models.UUIDField(),
        )
        testing.make_habit(owner)
        with CaptureQueriesContext(connection) as queries:
            assert pages.bind(owner=owner.id).count() == 1
        assert "JOIN" not in queries[0]["sql"]
