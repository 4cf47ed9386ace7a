from django.contrib import admin
from django.db.models import QuerySet

from apps.core.admin import StaffAdmin
from apps.core.staff_filters import DaysFilter
from apps.core.staff_lists import ChoiceFilter, CreatedFilter
from apps.jobs.models import JobRun
from apps.jobs.registry import JOBS


class StartedFilter(CreatedFilter):
    title, column = "started", "started_at"


class NameFilter(ChoiceFilter):
    """The names that are known: looking for those that ran reads the whole table."""

    title = parameter_name = "name"

    def lookups(self, request, model_admin) -> list[tuple[str, str]]:
        return [(name, name) for name in sorted(JOBS)]

    def queryset(self, request, queryset: QuerySet) -> QuerySet:
        return queryset.filter(name=self.value()) if self.value() else queryset


@admin.register(JobRun)
class JobRunAdmin(StaffAdmin):
    """What ran, how long it took and what went wrong: to look at."""

    list_display = list_columns = ("name", "started_at", "duration_ms", "outcome", "counts")
    list_filter = ("outcome", NameFilter, StartedFilter, DaysFilter)
    search_fields = ("id", "name")
    search_help_text = "A job's name, or a run's id."
    fields = ("name", "started_at", "duration_ms", "outcome", "counts", "error", "id")
