"""Actions of the staff site that call a service for each chosen row, with a reason that the audit log keeps."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.core.errors import ApiError
from apps.core.transactions import transactional

MOST_ROWS = 50  # a page of a list; each row is a transaction

type Apply = Callable[[Any, models.Model], None]


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget, help_text="Kept in the audit log.")


def staff_action(*, verb: str, done: str, explanation: str, icon: str, flag: int = CHANGE):
    """Makes an action, of a list and of the page of one row, out of a method that calls a service for a row.

    Asks for a reason first. `verb` is on the buttons, `done` begins the entry in the audit log, `explanation` says what
    cannot be taken back. What a service refuses is shown and leaves the other rows to go on.
    """

    def decorate(apply: Apply):
        @wraps(apply)
        def run(page, request: HttpRequest, rows: models.QuerySet | None = None, object_id: str | None = None):
            if not page.has_act_permission(request):
                raise PermissionDenied
            chosen = list(page.rows_of(request, object_id) if rows is None else rows[: MOST_ROWS + 1])
            after = HttpResponseRedirect(page.list_url()) if object_id else None  # a list comes back with its filters
            return taken(page, request, chosen, apply, run) or after

        run.short_description, run.plural_description = verb, f"{verb} the selected %(verbose_name_plural)s"
        run.allowed_permissions = ("act",)
        run.verb, run.done, run.explanation, run.icon, run.flag = verb, done, explanation, icon, flag
        run.attrs, run.variant, run.dialog, run.extra_options = {}, ActionVariant.DEFAULT, None, {}  # for the theme
        return run

    return decorate


def taken(page, request: HttpRequest, chosen: list[models.Model], apply: Apply, run) -> HttpResponse | None:
    """Asks for the reason, or does it and answers nothing."""
    if not 0 < len(chosen) <= MOST_ROWS:
        return page.message_user(request, f"Choose 1 to {MOST_ROWS} rows that exist.", messages.ERROR)
    form = ReasonForm(request.POST if "reason" in request.POST else None)
    if not form.is_valid():
        return confirmation(page, request, chosen, form, run)
    note = f"{run.done.capitalize()}: {form.cleaned_data['reason']}"
    return tell(page, request, run.done, [attempt(page, request, apply, row, run.flag, note) for row in chosen])


def confirmation(page, request: HttpRequest, chosen: Iterable[models.Model], form: ReasonForm, run) -> HttpResponse:
    """The rows once more, what is about to happen to them, and a field for the reason."""
    context = {
        **page.admin_site.each_context(request),
        "title": f"{run.verb}?",
        "opts": page.opts,
        "chosen": [(row.pk, page.label(row)) for row in chosen],
        "form": form,
        "verb": run.verb,
        "explanation": run.explanation,
        "name": run.__name__,
        "checkbox": ACTION_CHECKBOX_NAME,
        "back": page.list_url(),
    }
    return TemplateResponse(request, "core/staff_action.html", context)


def attempt(page, request: HttpRequest, apply: Apply, row: models.Model, flag: int, note: str) -> str | None:
    """The service and its entry in the audit log, or neither: why not."""
    try:
        carry_out(page, request, apply, row, flag, note)
    except ApiError as refused:
        return f"{page.label(row)}: {refused.sentence}"
    return None


@transactional
def carry_out(page, request: HttpRequest, apply: Apply, row: models.Model, flag: int, note: str) -> None:
    label, key = page.label(row), row.pk
    apply(page, row)
    kind = ContentType.objects.get_for_model(row)
    entry = {"content_type": kind, "object_id": key, "object_repr": label[:200]}
    LogEntry.objects.create(user_id=request.user.pk, action_flag=flag, change_message=note, **entry)


def tell(page, request: HttpRequest, done: str, refusals: list[str | None]) -> None:
    if count := refusals.count(None):
        name = page.opts.verbose_name if count == 1 else page.opts.verbose_name_plural
        page.message_user(request, f"{count} {name} {done}.", messages.SUCCESS)
    for refusal in filter(None, refusals):
        page.message_user(request, refusal, messages.WARNING)
