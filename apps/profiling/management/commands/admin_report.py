"""What each page of the staff site costs on the data there is: manage.py admin_report."""

import time
from collections.abc import Iterator
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.test import Client
from django.urls import reverse
from rich.console import Console
from rich.table import Table

from apps.accounts.models import User
from apps.core import clock
from apps.core.admin import StaffAdmin, admin_url
from apps.core.staff_lists import BoundedPaginator

MOST_STATEMENTS, MOST_MS = 10, 100
REPEATS = 5


class Command(BaseCommand):
    help = "Opens every page of the staff site as a superuser: statements and milliseconds of SQL, the best of 5."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="exit with 1 above 10 statements or 100 ms of SQL")

    def handle(self, *args, check, **options):
        rows = list(self.measured())
        table = Table("page", "statements", "SQL ms", "all ms")
        for page, statements, sql, whole in rows:
            table.add_row(page, str(statements), f"{sql:.1f}", f"{whole:.0f}")
        width = None if self.stdout.isatty() else 140
        Console(file=self.stdout, width=width, markup=False, highlight=False).print(table)
        dear = [page for page, statements, sql, _ in rows if statements > MOST_STATEMENTS or sql > MOST_MS]
        if check and dear:
            raise CommandError(f"Too dear: {', '.join(dear)}.")

    def measured(self) -> Iterator[tuple[str, int, float, float]]:
        staff = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
        if not staff:
            raise CommandError("There is no superuser: manage.py createsuperuser")
        browser = Client(headers={"host": settings.ALLOWED_HOSTS[0]}, raise_request_exception=True)
        browser.force_login(staff)
        try:
            for page in pages():
                browser.get(page)
                yield page, *min((cost(browser, page) for _ in range(REPEATS)), key=lambda found: found[1])
        finally:
            browser.logout()


def cost(browser: Client, page: str) -> tuple[int, float, float]:
    statements, spent = 0, 0.0

    def record(execute, sql, params, many, context):
        nonlocal statements, spent
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            statements, spent = statements + 1, spent + time.perf_counter() - started

    started = time.perf_counter()
    with connection.execute_wrapper(record):
        response = browser.get(page)
    if response.status_code != 200:
        raise CommandError(f"{page} answers {response.status_code}.")
    return statements, 1000 * spent, 1000 * (time.perf_counter() - started)


def pages() -> Iterator[str]:
    yield reverse("admin:index")
    for model in sorted(admin.site._registry, key=lambda model: model._meta.label):
        listing, row = reverse(admin_url(model, "changelist")), model._default_manager.order_by("pk").last()
        yield listing
        yield f"{listing}?{urlencode({'q': 'anna'})}"
        if row:
            yield f"{listing}?{urlencode({'q': row.pk})}"
            yield reverse(admin_url(model, "change"), args=[quote(row.pk)])
            yield reverse(admin_url(model, "history"), args=[quote(row.pk)])
            yield from narrowed(listing, model, row)


def narrowed(listing: str, model, row) -> Iterator[str]:
    """By time, by a week of last month, by each key of a row, by an address, and the last page there is."""
    keys = {field.name for field in model._meta.concrete_fields if field.is_relation} & {"user", "challenge"}
    yield from (f"{listing}?{key}={getattr(row, f'{key}_id')}" for key in sorted(keys))
    if "user" in keys:
        busiest = User.objects.order_by("-total_check_ins").values_list("email", flat=True)[0]
        yield f"{listing}?{urlencode({'q': busiest})}"
    filters = {getattr(item, "parameter_name", "") for item in admin.site.get_model_admin(model).list_filter}
    if "from" in filters:
        today = clock.now().date()
        yield f"{listing}?from={today - 37 * clock.DAY}&to={today - 31 * clock.DAY}"
    if "past" in filters:
        yield f"{listing}?past=30"
        last = min(model._default_manager.count(), BoundedPaginator.bound) // StaffAdmin.list_per_page
        yield f"{listing}?p={max(1, last)}"
