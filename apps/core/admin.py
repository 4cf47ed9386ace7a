"""What every list and form of the staff site is made of: quick at a million rows, and never past the rules."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import ActionLocation
from django.contrib.admin.utils import unquote
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html_join
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from apps.core.fields import parse_uuid
from apps.core.models import UpdatedAt
from apps.core.staff_filters import DaysFilter
from apps.core.staff_lists import BoundedPaginator, StaffList
from apps.core.text import has_forbidden, normalise

TRIGRAM = 3
LINK = "text-primary-600 dark:text-primary-500"  # as the theme shows those of its own
MOST_FOUND = 200  # by a part of a text: who finds more narrows the search


class Lines(forms.CharField):
    """Text of several lines. Browsers send CRLF; stored is what a client of the API would send."""

    def to_python(self, value: Any) -> str | None:
        value = super().to_python(value)
        return value.replace("\r\n", "\n") if value else value


class StaffAdmin(ModelAdmin):
    """The base of every model's pages.

    `list_columns` are the columns a list loads, with `__` through `list_select_related`. `search_fields` name key
    columns (found by a pasted id), e-mail columns (by the address) and text columns (by a part). `allows` says what
    staff may do besides looking: "add", "change", "delete". `lines` are the text columns of several lines. `acts` name
    the actions, see core/staff_actions.py: who may change a model's rows may take them. Parts of texts are looked for
    in the rows that are `searched`: those that the index holds.
    """

    list_columns: tuple[str, ...] = ()
    allows: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    ordering_of_one: tuple[str, ...] = ()
    searched = Q()
    icon = "table_rows"

    list_disable_select_all = True  # of a million rows
    ordering = ("-pk",)
    sortable_by = ()  # a header to click sorts the whole table, unless an index gives that order
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # one COUNT per choice
    paginator = BoundedPaginator
    view_on_site = False

    def get_queryset(self, request) -> models.QuerySet:
        queryset = super().get_queryset(request).fetch_mode(models.FETCH_PEERS)
        return queryset.select_related(*self.list_select_related) if self.list_select_related else queryset

    @property
    def list_filter_submit(self) -> bool:
        """What is typed into a filter needs a button."""
        return any(isinstance(item, type) and issubclass(item, DaysFilter) for item in self.list_filter)

    def get_inlines(self, request, obj) -> tuple[type, ...]:
        """A row that is about to be added has none."""
        return super().get_inlines(request, obj) if obj else ()

    @property
    def actions(self) -> tuple[str, ...]:
        return self.acts

    @property
    def actions_detail(self) -> tuple[str, ...]:
        return self.acts

    def get_action_choices(self, request, default_choices=None, action_location=ActionLocation.CHANGE_LIST) -> list:
        """As Django has it: the theme's has not heard of locations yet."""
        return admin.ModelAdmin.get_action_choices(self, request, default_choices, action_location)

    def rows_of(self, request, object_id: str) -> list[models.Model]:
        """The row of a page, or none."""
        row = self.get_object(request, unquote(object_id))
        return [row] if row else []

    def label(self, obj: models.Model) -> str:
        """What a row is called where its columns are not seen."""
        return str(obj)

    def list_url(self) -> str:
        return reverse(admin_url(self.model, "changelist"))

    def get_changelist(self, request, **kwargs) -> type[StaffList]:
        return StaffList

    def get_search_results(self, request, queryset, search_term) -> tuple[models.QuerySet, bool]:
        term = normalise(search_term)
        if not term:
            return queryset, False
        condition = Q() if has_forbidden(term) else self.search_condition(term)
        if not condition:
            return queryset.none(), False
        if "@" in term or parse_uuid(term):
            return queryset.filter(condition), False
        # Without a bound a common name would be sorted whole before its first page is shown; as a subquery the bound
        # would mislead the planner.
        found = queryset.order_by().filter(condition).values_list("pk", flat=True)[:MOST_FOUND]
        return self.get_queryset(request).filter(pk__in=list(found)), False

    def search_condition(self, term: str) -> Q:
        """One kind of lookup for one kind of text: an OR over two tables reads both of them whole."""
        ids = [name for name in self.search_fields if name.endswith("id")]
        addresses = [name for name in self.search_fields if name.endswith("email")]
        if key := parse_uuid(term):
            return any_of((name, key) for name in ids)
        if "@" in term:
            if "." in term.rpartition("@")[2]:
                return any_of(self.by_address(name, term.lower()) for name in addresses)
            return any_of((f"{name}__startswith", term.lower()) for name in addresses)
        # A text shorter than a trigram is found through an index only at the start.
        lookup = "icontains" if len(term) >= TRIGRAM else "istartswith"
        texts = [name for name in self.search_fields if name not in (*ids, *addresses)]
        return any_of((f"{name}__{lookup}", term) for name in texts) & self.searched

    def by_address(self, name: str, address: str) -> tuple[str, Any]:
        """An owner's rows by the owner's id: an index on it gives them in their order, which a join would not."""
        key, _, column = name.rpartition("__")
        if not key:
            return name, address
        owners = self.opts.get_field(key).related_model.objects.filter(**{column: address})
        return f"{key}__in", list(owners.values_list("pk", flat=True))

    def get_ordering(self, request) -> tuple[str, ...]:
        """Of the rows of one user or challenge in the order of the index that finds them."""
        asked = {name.partition("__")[0] for name in request.GET} & {"q", "user", "challenge"}
        return self.ordering_of_one if asked and self.ordering_of_one else self.ordering

    def lookup_allowed(self, lookup, value, request) -> bool:
        """Foreign keys and the declared filters: any other column would give its content away, guess by guess."""
        names = {field.name for field in self.opts.concrete_fields if field.is_relation}
        names.update(*map(parameters_of, self.get_list_filter(request)))
        return lookup.split("__")[0] in names and super().lookup_allowed(lookup, value, request)

    def formfield_for_dbfield(self, db_field, request, **kwargs) -> forms.Field | None:
        if db_field.name in self.lines:
            kwargs |= {"form_class": Lines, "widget": UnfoldAdminTextareaWidget}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change) -> None:
        changed = {field.name for field in obj._meta.concrete_fields}.intersection(form.changed_data)
        if change:
            self.write(obj, changed)
        else:
            obj.save(force_insert=True)
        if changed:
            self.expire(obj, changed)

    def write(self, obj: models.Model, changed: set[str]) -> None:
        """Only what the form changed: saving the whole row would put back counters that moved meanwhile."""
        moved = {field.name for field in obj._meta.concrete_fields if isinstance(field, UpdatedAt)}
        obj.save(update_fields=changed | moved if changed else ())

    def expire(self, obj: models.Model, changed: set[str]) -> None:
        """What the cache holds of the row, after the write that it shares a transaction with."""

    def has_add_permission(self, request) -> bool:
        return "add" in self.allows and super().has_add_permission(request)

    def has_change_permission(self, request, obj=None) -> bool:
        return "change" in self.allows and super().has_change_permission(request, obj)

    def has_act_permission(self, request, obj=None) -> bool:
        return super().has_change_permission(request, None)

    def has_delete_permission(self, request, obj=None) -> bool:
        return "delete" in self.allows and super().has_delete_permission(request, obj)

    @admin.display(description="See also")
    def see_also(self, obj: models.Model) -> str:
        """The lists of the rows that belong to this one, as far as an index finds them."""
        keys = [relation.field for relation in obj._meta.related_objects]
        shown = [key for key in keys if self.admin_site.is_registered(key.model) and is_indexed(key)]
        links = [(reverse(admin_url(key.model, "changelist")), key.name, obj.pk, rows_by(key, shown)) for key in shown]
        return format_html_join(" · ", f'<a href="{{}}?{{}}={{}}" class="{LINK}">{{}}</a>', links)


def admin_url(model: type[models.Model], page: str) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"


def parameters_of(item: Any) -> set[str]:
    """What an item of `list_filter` takes from the address."""
    if isinstance(item, tuple):
        return {item[0]}
    return set(getattr(item, "parameters", (getattr(item, "parameter_name", item),)))


def is_indexed(key: models.ForeignKey) -> bool:
    """Is it the first column of an index over the whole table?"""
    rules = [rule for rule in key.model._meta.constraints if isinstance(rule, models.UniqueConstraint)]
    indexes = [index for index in (*rules, *key.model._meta.indexes) if index.fields and not index.condition]
    return key.name in {index.fields[0].lstrip("-") for index in indexes}


def rows_by(key: models.ForeignKey, keys: list[models.ForeignKey]) -> str:
    """What the rows are called; and as what, where several keys of theirs lead to the same row."""
    name = str(key.model._meta.verbose_name_plural)
    return f"{name} ({key.verbose_name})" if sum(other.model is key.model for other in keys) > 1 else name


def any_of(conditions: Iterable[tuple[str, Any]]) -> Q:
    return Q.create(list(conditions), connector=Q.OR)
