"""Pages of the staff site. Whoever is logged in there is read whole by Django, and an entry of the audit log has no
column that is not shown."""

from functools import partial
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from apps import testing
from apps.accounts.models import LoginFailure, Session, User
from apps.challenges.models import Challenge, ChallengeHabit, Habit, Membership
from apps.checkins.models import CheckIn
from apps.core import clock
from apps.core.admin import admin_url
from apps.core.clock import DAY
from apps.notifications.models import Notification
from apps.profiling.tests.scenarios.registry import scenario
from apps.social.models import Friendship, Hitch

LISTED = (User, Session, LoginFailure, Group, LogEntry, Habit, Challenge, ChallengeHabit, Membership, CheckIn)
LISTED += (Notification, Friendship, Hitch)
A_PAGE = 50
WHO = ("users", "django_admin_log")
# The hours of two weeks, each found by itself in the index; and a sample of the people.
MANY_HOURS = dict.fromkeys(("twenty", "five_years", "full_house"), 4000)


def visit(world, path: str, **query):
    """A page for somebody who is logged in, in a world with work of the staff's own."""
    browser = testing.staff_client()
    ContentType.objects.get_for_models(*LISTED)  # a process asks once
    for number in range(world.size):
        Group.objects.create(name=f"group {number}")
        LogEntry.objects.log_actions(world.me.pk, [world.me], CHANGE, "Because.")
        LoginFailure.objects.create(email_hash=f"{number:064}", failures=1, window_started_at=clock.now())
    return partial(browser.get, f"{path}?{urlencode(query)}")


def listing(model) -> str:
    return reverse(admin_url(model, "changelist"))


@scenario("GET", "/admin/", whole=WHO, rows=360, buffers=MANY_HOURS)
def front_page(world):
    return visit(world, "/admin/")


def add_list(model) -> None:
    def prepare(world):
        return visit(world, listing(model))

    prepare.__name__ = f"list_of_{model._meta.model_name}"
    scenario("GET", "/admin/<app>/<model>/", whole=WHO, rows=A_PAGE)(prepare)


def add_search(model, name: str, *, limits: dict[str, Any] | None = None, **query: str) -> None:
    """`query` may name what is `me` and `dare` of the world, and a week of last month: `since` to `until`."""

    def prepare(world):
        names = {"me": world.me, "dare": world.dare, "since": world.today - 37 * DAY, "until": world.today - 30 * DAY}
        found = {key: value.format(**names) for key, value in query.items()}
        return visit(world, listing(model), **found)

    prepare.__name__ = f"{name}_of_{model._meta.model_name}"
    scenario("GET", "/admin/<app>/<model>/", **{"whole": WHO, "rows": A_PAGE} | (limits or {}))(prepare)


def add_change(model, **which: str) -> None:
    def prepare(world):
        row = (
            model.objects.filter(**{key: attrgetter(name)(world) for key, name in which.items()}).order_by("pk").last()
        )
        return visit(world, reverse(admin_url(model, "change"), args=[row.pk]))

    prepare.__name__ = f"page_of_{model._meta.model_name}"
    route = "/admin/<app>/<model>/<object_id>/change/"
    # All permissions can be chosen for a person: a cursor of the server does not tell how many, a pooler has none.
    rows = 3 * A_PAGE if model is User else A_PAGE
    scenario("GET", route, whole=tuple(model._meta.db_table for model in LISTED), rows=rows)(prepare)


for listed in LISTED:
    assert admin.site.is_registered(listed)
    add_list(listed)
add_search(User, "part_of_name", q="anth")
add_search(User, "address", q="{me.email}")
add_search(Challenge, "part_of_name", q="dare")
add_search(Membership, "address", q="{me.email}")
add_search(CheckIn, "address", q="{me.email}")
add_search(CheckIn, "user", user="{me.pk}")
add_search(CheckIn, "challenge", challenge="{dare.pk}")
add_search(CheckIn, "recent", past="7")
add_search(Notification, "user", user="{me.pk}")
# Their keys first, at most two hundred.
add_search(Friendship, "address", limits={"rows": A_PAGE + 200}, q="{me.email}")
# Both people are joined before the page is cut from four hundred.
add_search(Friendship, "user", limits={"buffers": {"five_years": 1200}}, requester="{me.pk}")
add_search(Hitch, "challenge", challenge="{dare.pk}")
add_search(Hitch, "challenge_id", q="{dare.pk}")
add_search(Hitch, "recent", past="7")
DAYS = {"from": "{since}", "to": "{until}"}
for listed in (User, Session, Challenge, Membership, CheckIn, Notification):
    add_search(listed, "days", **DAYS)
for listed in (CheckIn, Notification):
    add_search(listed, "days_of_user", user="{me.pk}", **DAYS)
add_search(CheckIn, "days_of_challenge", challenge="{dare.pk}", **DAYS)
add_change(User, pk="me.pk")
add_change(Challenge, pk="dare.pk")
add_change(Membership, challenge="dare.pk", user="me.pk")
add_change(CheckIn, challenge="dare.pk")
add_change(Friendship, requester="me.pk")
add_change(Hitch, challenge="dare.pk")


@scenario("GET", "/admin/autocomplete/", whole=WHO, rows=A_PAGE)
def autocomplete(world):
    place = {"app_label": "checkins", "model_name": "checkin", "field_name": "user"}
    return visit(world, "/admin/autocomplete/", term="anna", **place)
