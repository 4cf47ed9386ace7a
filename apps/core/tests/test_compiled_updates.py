"""A compiled update changes what the queryset's update() changes, for any data and any values."""

from datetime import UTC, datetime

import pytest
from django.db import connection, models, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps import testing
from apps.challenges.models import Habit
from apps.core.compiled import CannotCompile
from apps.core.compiled_updates import Update

pytestmark = pytest.mark.django_db


def renamed(owner, words, icon, since):
    """A condition on each kind of value, and changes to a value, to one of the row, and to a constant."""
    habits = Habit.objects.filter(created_by=owner, name__gt=words).order_by("name")
    return habits, {"icon": icon, "description": F("name"), "category": "50 %s", "created_at": since}


RENAMED = Update(
    renamed,
    owner=models.UUIDField(),
    words=models.CharField(),
    icon=models.CharField(null=True),
    since=models.DateTimeField(),
)
NAMED = {"id": models.UUIDField(), "name": models.CharField()}
COLUMNS = ("name", "icon", "description", "category", "created_at")


class TestUpdate:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        names=st.lists(st.text("abc%_'\\", min_size=1, max_size=4), max_size=8),
        words=st.text("abc%_'\\", max_size=3),
        icon=st.none() | st.text("abc%_'\\", max_size=3),
    )
    def test_it_equals_the_queryset_on_any_data(self, owner, names, words, icon):
        values = {"owner": owner.id, "words": words, "icon": icon, "since": datetime(2026, 3, 1, tzinfo=UTC)}
        habits, changes = renamed(**values)
        outcomes = []
        for change in (lambda: habits.update(**changes), lambda: RENAMED.run(**values)):
            Habit.objects.filter(created_by=owner).delete()
            for name in names:
                testing.make_habit(owner, name=name, created_at=datetime(2026, 2, 1, tzinfo=UTC))
            rows = Habit.objects.filter(created_by=owner).order_by("id").values_list(*COLUMNS)
            outcomes.append((change(), list(rows)))
        assert outcomes[0] == outcomes[1]

    def test_it_is_one_statement_that_answers_one_row(self, owner):
        for _ in range(3):
            testing.make_habit(owner)
        rename = Update(lambda owner: (Habit.objects.filter(created_by=owner), {"name": "x"}), owner=models.UUIDField())
        with CaptureQueriesContext(connection) as queries:
            assert rename.run(owner=owner.id) == 3
        assert len(queries) == 1 and "count(*)" in queries[0]["sql"]

    def test_it_is_undone_with_its_transaction(self, owner):
        habit = testing.make_habit(owner, name="before")
        rename = Update(lambda id, name: (Habit.objects.filter(pk=id), {"name": name}), **NAMED)
        with transaction.atomic():
            assert rename.run(id=habit.id, name="after") == 1
            transaction.set_rollback(True)
        assert Habit.objects.get(pk=habit.id).name == "before"


class TestRefusals:
    def test_it_refuses_none_for_what_may_not_be_emptied(self, owner):
        rename = Update(lambda id, name: (Habit.objects.filter(pk=id), {"name": name}), **NAMED)
        with pytest.raises(TypeError, match="None"):
            rename.run(id=owner.id, name=None)

    @pytest.mark.parametrize(
        ("build", "words"),
        [
            (lambda id: (Habit.objects.filter(pk=id, name__in=[]), {"name": "x"}), "empty"),
            (lambda id: (Habit.objects.filter(pk=id), {"created_at": datetime(2026, 3, 1, tzinfo=UTC)}), "frozen"),
        ],
    )
    def test_it_refuses_what_does_not_hold_for_every_call(self, build, words):
        with pytest.raises(CannotCompile, match=words):
            Update(build, id=models.UUIDField()).run(id=testing.HABITS[0])

    def test_it_refuses_missing_and_unknown_values(self):
        with pytest.raises(TypeError, match="takes"):
            RENAMED.run(owner=testing.HABITS[0])
