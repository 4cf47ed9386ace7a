"""Rows that belong to the row of a page, shown below it: so many and no more, in the order of one of their indexes."""

from django.db import models
from django.forms.models import BaseInlineFormSet
from unfold.admin import TabularInline


class ShownRows(BaseInlineFormSet):
    """Of what is posted nothing is read: a row that came or went since the page was opened breaks no form."""

    most = 0

    def __init__(self, data=None, files=None, **kwargs):
        super().__init__(None, None, **kwargs)

    def get_queryset(self) -> models.QuerySet:
        if not hasattr(self, "_queryset"):  # as Django has it: it is asked for again and again
            self._queryset = self.queryset[: self.most]
        return self._queryset

    def is_valid(self) -> bool:
        return True

    def save(self, commit: bool = True) -> list[models.Model]:
        self.new_objects, self.changed_objects, self.deleted_objects = [], [], []
        return []


class RowsInline(TabularInline):
    """To look at: who wants to change or find one goes to its own page or list.

    `fields` are what is shown, `columns` what is loaded, with `__` through `list_select_related`. `ordering` is that of
    an index which begins with the key to the page's row; otherwise all rows are sorted before the first are shown.
    """

    columns: tuple[str, ...] = ()
    list_select_related: tuple[str, ...] = ()
    most = 50

    extra = max_num = 0
    can_delete = False
    show_title = False  # a row's name is its id

    def get_formset(self, request, obj=None, **kwargs) -> type[ShownRows]:
        bounded = type("BoundedRows", (ShownRows,), {"most": self.most})
        return super().get_formset(request, obj, **kwargs | {"formset": bounded})

    def get_readonly_fields(self, request, obj=None) -> tuple[str, ...]:
        return self.fields

    def get_queryset(self, request) -> models.QuerySet:
        rows = super().get_queryset(request).fetch_mode(models.FETCH_PEERS)
        rows = rows.select_related(*self.list_select_related) if self.list_select_related else rows
        return rows.only(self.fk_name, *self.columns)

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False
