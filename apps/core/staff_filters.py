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

from apps.core.staff_lists import BESIDE_A_TIME, first_key_of

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)
# A user's date begins up to 14 hours before that of UTC and ends up to 12 hours after it.
BESIDE_A_DATE = timedelta(days=1)


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
    """Both days are whole; times are judged by the days of UTC. The theme's own filter compares a time with midnight,
    which leaves the last day out, and looks for no index."""

    title, parameter_name = "date", "from"  # the theme asks for one name
    parameters = ("from", "to")
    template = "core/staff_days.html"
    column = "created_at"

    def __init__(self, request, params, model, model_admin):
        super().__init__(request, params, model, model_admin)
        self.used_parameters = {name: params.pop(name)[-1] for name in self.parameters if name in params}
        self.form = DaysForm(self.used_parameters)
        self.is_time = isinstance(model._meta.get_field(self.column), models.DateTimeField)

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
            queryset = queryset.filter(**self.bound("gte", first, -1))
        if last:
            queryset = queryset.filter(**self.bound("lt", last + timedelta(days=1), 1))
        return queryset

    def bound(self, lookup: str, day: date, direction: int) -> dict:
        """For the key, which the index has, a little further than for the column."""
        midnight = datetime.combine(day, time.min, UTC)
        key = first_key_of(midnight + direction * (BESIDE_A_TIME if self.is_time else BESIDE_A_DATE))
        return {f"pk__{lookup}": key, f"{self.column}__{lookup}": midnight if self.is_time else day}
