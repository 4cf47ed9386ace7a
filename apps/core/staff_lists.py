"""Lists of the staff site that stay quick: counted to a bound, narrowed by time through the key, one page at a time."""

import json
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.paginator import Paginator
from django.db import models
from unfold.views import ChangeList

from apps.core import clock

# A key is made within a moment of its row's time, on whichever side; an hour is far beyond that.
BESIDE_A_TIME = timedelta(hours=1)


class About(int):
    """A number that nobody counted: it shows two digits and says so."""

    def __str__(self) -> str:
        return f"about {round(int(self), 2 - len(repr(self))):,}"


class BoundedPaginator(Paginator):
    """Counts to `bound`; past it the planner's estimate will do, as it does for a whole table that is larger. The pages
    end there too: a deep OFFSET reads all the rows before it, and who wants the 2,000th row narrows the list."""

    bound = 2000

    @cached_property
    def count(self) -> int:
        rows = self.object_list.order_by()
        if not rows.query.where and (expected := planned_rows(rows)) > self.bound:
            return About(expected)
        counted = rows[: self.bound + 1].count()
        return counted if counted <= self.bound else About(max(counted, planned_rows(rows)))

    @cached_property
    def num_pages(self) -> int:
        return min(super().num_pages, self.bound // self.per_page)


class ChoiceFilter(admin.SimpleListFilter):
    """Its choice stays when another filter is applied: the theme keeps that of a filter which names it like this."""

    @property
    def lookup_kwarg(self) -> str:
        return self.parameter_name

    @property
    def lookup_val(self) -> list[str]:
        return [self.value() or ""]


class CreatedFilter(ChoiceFilter):
    """Keys are ordered by time, so "recent" is the end of the primary key's index: no time column needs its own."""

    title, parameter_name = "created", "past"
    column = "created_at"

    def lookups(self, request, model_admin) -> list[tuple[str, str]]:
        return [("1", "Past 24 hours"), ("7", "Past 7 days"), ("30", "Past 30 days")]

    def queryset(self, request, queryset: models.QuerySet) -> models.QuerySet:
        if self.value() not in dict(self.lookup_choices):
            return queryset
        since = clock.now() - timedelta(days=int(self.value()))
        return queryset.filter(**{"pk__gte": first_key_of(since - BESIDE_A_TIME), f"{self.column}__gte": since})


class StaffList(ChangeList):
    """Loads the columns it shows and no others."""

    def get_queryset(self, request, exclude_parameters=None) -> models.QuerySet:
        queryset = super().get_queryset(request, exclude_parameters)
        return queryset.only(*self.model_admin.list_columns)

    def get_results(self, request) -> None:
        try:
            super().get_results(request)
        except IncorrectLookupParameters:  # a page that the list has no more: a filter has narrowed it
            self.page_num = 1
            super().get_results(request)
        if not self.multi_page:  # Django then reads them all, and those that came after the count
            self.result_list = self.queryset[: self.list_per_page]
        if not self.result_count:  # what was not found by counting need not be looked for again
            self.result_list = self.queryset.none()


def planned_rows(rows: models.QuerySet) -> int:
    """How many rows the planner expects, from its statistics: no row is read."""
    return json.loads(rows.explain(format="json"))[0]["Plan"]["Plan Rows"]


def first_key_of(instant: datetime) -> UUID:
    """The smallest UUIDv7 of that millisecond."""
    return UUID(int=int(instant.timestamp() * 1000) << 80)
