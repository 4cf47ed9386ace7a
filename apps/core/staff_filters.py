"""From one day to another. Keys are ordered by time, so the days are a stretch of the primary key's index: no column of
a time or a date needs an index of its own, and what the filter costs is what it finds.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from django import forms
from django.contrib import admin
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from unfold.widgets import INPUT_CLASSES

from apps.core.staff_lists import first_key_of

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)
OWNERS = {"user", "challenge"}


class DayField(forms.DateField):
    """With the browser's own calendar."""

    def __init__(self, label: str):
        bounds = {"min": FIRST_DAY.isoformat(), "max": LAST_DAY.isoformat()}
        attributes = {"type": "date", "class": " ".join(INPUT_CLASSES)}
        super().__init__(
            label=label,
            required=False,
            input_formats=["%Y-%m-%d"],
            widget=forms.DateInput(format="%Y-%m-%d", attrs=attributes | bounds),
            validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
        )


class DaysForm(forms.Form):
    def __init__(self, data: dict[str, str]):
        super().__init__(data)
        self.fields = {"from": DayField("From"), "to": DayField("To")}


class DaysFilter(admin.ListFilter):
    """Both days are whole, of UTC. The theme's own filter compares a time with midnight, which leaves the last day out,
    and looks for no index.

    `column_of_one` follows `user` or `challenge` in an index: a list of one of them is narrowed by it instead.
    """

    title, parameter_name = "day of creation, UTC", "from"  # the theme asks for one name
    parameters = ("from", "to")
    template = "core/staff_days.html"
    column_of_one = ""
    title_of_one = title

    def __init__(self, request, params, model, model_admin):
        self.column = self.column_of_one if OWNERS & request.GET.keys() else ""
        self.title = self.title_of_one if self.column else self.title
        super().__init__(request, params, model, model_admin)
        self.used_parameters = {name: params.pop(name)[-1] for name in self.parameters if name in params}
        self.form = DaysForm(self.used_parameters)

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> tuple[str, ...]:
        return self.parameters

    def choices(self, changelist) -> Iterator[dict]:
        yield {"form": self.form}

    def queryset(self, request, queryset: models.QuerySet) -> models.QuerySet:
        if not self.form.is_valid():  # the form says why
            return queryset.none()
        first, last = (self.form.cleaned_data[name] for name in self.parameters)
        if first:
            queryset = queryset.filter(self.bound(queryset.model, "gte", first))
        if last:
            queryset = queryset.filter(self.bound(queryset.model, "lt", last + timedelta(days=1)))
        return queryset

    def bound(self, model: type[models.Model], lookup: str, day: date) -> models.Q:
        """One condition for each end: the planner would take two on the same time for independent of each other."""
        midnight = datetime.combine(day, time.min, UTC)
        if not self.column:
            return models.Q((f"pk__{lookup}", first_key_of(midnight)))
        is_time = isinstance(model._meta.get_field(self.column), models.DateTimeField)
        return models.Q((f"{self.column}__{lookup}", midnight if is_time else day))
