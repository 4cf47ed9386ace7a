"""Every page of the staff site, for every model that is registered: a new one is covered without asking."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.apps import apps as django_apps
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps import testing
from apps.accounts.models import LoginFailure, Session, User
from apps.checkins.models import CheckIn
from apps.core import clock, staff_lists
from apps.core.admin import admin_url, is_indexed
from apps.core.staff_lists import About, BoundedPaginator, first_key_of
from apps.jobs.models import JobRun
from apps.notifications.models import Notification, Push
from apps.social.models import Hitch

pytestmark = pytest.mark.django_db

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
# What the recorder adds up is shown on /admin/performance/; what calls with a key were answered is their users' own.
NOT_LISTED = {"profiling", "core"}
OURS = [
    model
    for model in django_apps.get_models()
    if model.__module__.startswith("apps.") and model._meta.app_label not in NOT_LISTED
]
SEARCHES = ["ann", "an", "a", "zzz", "ann.lee@example.com", "ann@", "ABCDEF", "%\x00"]
MOST_STATEMENTS = 10

every_model = pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
# Digits as letters which no search here has: a name that is found, or not, in every run alike.
LETTERS = str.maketrans("0123456789", "ghijklmnop")


def build(count: int) -> None:
    """`count` rows of everything, each with relations of its own."""
    for _ in range(count):
        user = testing.make_user("Ann Lee", bio="two\nlines")
        User.objects.filter(pk=user.pk).update(push_token=f"ExponentPushToken[{user.pk}]")
        testing.token_for(user)
        Session.objects.filter(user=user).update(previous_refresh_hash=user.pk.hex * 2)
        LoginFailure.objects.create(email_hash=user.pk.hex * 2, failures=5, window_started_at=clock.now())
        habit = testing.make_habit(user)
        bob = testing.make_user("Bob")
        challenge = testing.make_challenge(user, bob)
        testing.make_friendship(user, bob)
        CheckIn.objects.create(
            challenge=challenge, habit=habit, user=user, checkin_date=clock.now().date(), points_earned=10
        )
        told = Notification.objects.create(user=user, type="member_joined", title="New member!", body="Bob joined.")
        Push.objects.create(notification=told, next_attempt_at=clock.now())
        day, target = clock.now().date(), testing.make_user("Cid")
        Hitch.objects.create(challenge=challenge, habit=habit, sender=user, target=target, hitch_date=day)
        JobRun.objects.create(name="clean-up", started_at=clock.now(), duration_ms=1, outcome="done")
        Group.objects.create(name="group " + str(Group.objects.count()).translate(LETTERS))
        LogEntry.objects.log_actions(user.pk, [user], CHANGE, "Because.")


def pages(staff, model) -> dict[str, str]:
    """Every page of a model by a name that does not depend on the rows."""
    row = model._default_manager.order_by("pk").last()
    listing = reverse(admin_url(model, "changelist"))
    found = {"list": listing, "search id": f"{listing}?q={row.pk}"}
    found |= {f"search {text!r}": f"{listing}?{urlencode({'q': text})}" for text in SEARCHES}
    found |= {f"filter {query}": listing + query for query in filters(staff, listing)}
    found |= {page: reverse(admin_url(model, page), args=[quote(row.pk)]) for page in ("change", "history")}
    found |= {f"by {key.name}": f"{listing}?{key.name}={getattr(row, key.attname)}" for key in keys_of(model)}
    return found | autocompletes(model)


def filters(staff, listing: str) -> list[str]:
    changelist = staff.get(listing).context["cl"]
    choices = [choice for spec in changelist.filter_specs for choice in spec.choices(changelist)]
    return [choice.get("query_string", "?from=2020-01-01&to=2999-01-01") for choice in choices]


def keys_of(model) -> list:
    """Its foreign keys to models of the staff site."""
    keys = [field for field in model._meta.concrete_fields if field.is_relation]
    return [key for key in keys if admin.site.is_registered(key.related_model)]


def autocompletes(model) -> dict[str, str]:
    """What a field for one of these rows asks, whatever model the field is of."""
    found = {}
    for key in [key for source in OURS for key in keys_of(source) if key.related_model is model]:
        place = {"app_label": key.model._meta.app_label, "model_name": key.model._meta.model_name}
        for term in ("", "ann", "%\x00"):
            query = urlencode(place | {"field_name": key.name, "term": term})
            found[f"choose {key} {term!r}"] = f"{reverse('admin:autocomplete')}?{query}"
    return found


def statements(staff, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = staff.get(url)
    assert response.status_code == 200, f"{url}: {response.status_code}"
    return len(captured)


class TestEveryModel:
    @pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
    def test_it_is_registered(self, model):
        assert admin.site.is_registered(model)

    @every_model
    def test_its_pages_cost_the_same_for_2_rows_and_for_20(self, staff, model):
        build(2)
        assert model._default_manager.count() >= 2, "build() makes no rows of it"
        for page in ("history", "change"):  # content types are loaded once per process
            staff.get(pages(staff, model)[page])
        few = {name: statements(staff, url) for name, url in pages(staff, model).items()}
        build(18)
        many = {name: statements(staff, url) for name, url in pages(staff, model).items()}
        assert many == few
        assert max(few.values()) <= MOST_STATEMENTS

    @every_model
    def test_its_list_costs_five_statements(self, staff, model):
        """Session, user, estimate, count, rows: no column of the list is loaded afterwards."""
        build(2)
        assert statements(staff, reverse(admin_url(model, "changelist"))) == 5

    @every_model
    def test_adding_and_deleting_answer_as_they_are_allowed(self, staff, model):
        build(1)
        row = model._default_manager.order_by("pk").last()
        for page, arguments in (("add", []), ("delete", [quote(row.pk)])):
            allowed = page in getattr(admin.site.get_model_admin(model), "allows", ("add", "delete"))
            url = reverse(admin_url(model, page), args=arguments)
            assert staff.get(url).status_code == (200 if allowed else 403)

    @every_model
    def test_it_is_closed_to_everybody_but_staff(self, client, model):
        build(1)
        everybody = testing.staff_client(is_staff=False, is_superuser=False)
        for browser in (client, everybody):
            for url in pages(testing.staff_client(), model).values():
                response = browser.get(url)
                assert (response.status_code, response["Location"].split("?")[0]) == (302, "/admin/login/")

    @every_model
    def test_its_foreign_keys_are_chosen_by_autocomplete(self, model):
        page = admin.site.get_model_admin(model)
        assert {key.name for key in keys_of(model)} <= set(page.autocomplete_fields)
        assert not page.raw_id_fields

    @every_model
    def test_it_shows_no_secret(self, staff, model):
        build(1)
        user = User.objects.filter(push_token__isnull=False).get()
        session = Session.objects.get()
        secrets = [user.password, user.password[-20:], user.push_token, session.refresh_hash]
        if model is not LoginFailure:
            secrets.append(session.previous_refresh_hash)
        for url in pages(staff, model).values():
            content = staff.get(url).content.decode()
            assert not [secret for secret in secrets if secret in content], url

    @pytest.mark.parametrize(
        "query", ["user/?password__startswith=a", "user/?push_token__gt=a", "session/?refresh_hash__startswith=0"]
    )
    def test_it_lets_nobody_guess_a_secret(self, staff, query):
        assert staff.get(f"/admin/accounts/{query}").status_code == 400


class TestFrontPage:
    def test_it_works(self, staff):
        build(2)
        response = staff.get("/admin/")
        assert "DareZone" in response.content.decode()
        assert statements(staff, "/admin/") <= MOST_STATEMENTS

    def test_it_sends_others_to_the_log_in(self, client):
        assert client.get("/admin/")["Location"] == "/admin/login/?next=/admin/"


class TestBoundedPaginator:
    class Small(BoundedPaginator):
        bound = 4

    def test_it_works(self):
        build(1)
        pages = self.Small(User.objects.active().order_by("pk"), 2)
        assert (pages.count, str(pages.count), pages.num_pages) == (3, "3", 2)

    def test_it_counts_to_the_bound_and_estimates_beyond(self):
        build(3)
        pages = self.Small(User.objects.active().order_by("pk"), 2)
        assert isinstance(pages.count, About)
        assert pages.count >= 5
        assert pages.num_pages == 2

    def test_it_reads_no_more_than_the_bound(self):
        build(3)
        with CaptureQueriesContext(connection) as captured:
            assert self.Small(User.objects.active().order_by("pk"), 2).count
        assert "LIMIT 5" in captured[0]["sql"]
        assert captured[1]["sql"].startswith("EXPLAIN (FORMAT ")
        assert len(captured) == 2

    def test_a_large_table_is_not_counted_at_all(self, monkeypatch):
        build(3)
        monkeypatch.setattr(staff_lists, "planned_rows", lambda rows: 5)
        with CaptureQueriesContext(connection) as captured:
            assert self.Small(User.objects.order_by("pk"), 2).count == About(5)
        assert not captured.captured_queries

    def test_an_estimate_says_that_it_is_one(self):
        assert (str(About(1234567)), About(7) > 6) == ("about 1,200,000", True)


class TestTimeFilter:
    def test_it_finds_what_is_recent_through_the_key(self, staff):
        now = clock.now()
        for days in (0, 3, 20, 90):
            then = now - timedelta(days=days, minutes=1)
            testing.make_user(f"day{days}", id=first_key_of(then), created_at=then)
        with CaptureQueriesContext(connection) as captured:
            content = staff.get("/admin/accounts/user/?past=7&q=day").content.decode()
        assert [days for days in (0, 3, 20, 90) if f">day{days}<" in content] == [0, 3]
        assert any('"users"."id" >= ' in query["sql"] for query in captured)

    def test_it_ignores_other_values(self, staff):
        assert staff.get("/admin/accounts/user/?past=x").status_code == 200


class TestSeeAlso:
    def test_it_leads_to_the_lists_that_an_index_serves(self, staff, challenge):
        content = staff.get(f"/admin/challenges/challenge/{challenge.pk}/change/").content.decode()
        for model in ("challenges/membership", "challenges/challengehabit", "checkins/checkin"):
            assert f'href="/admin/{model}/?challenge={challenge.pk}"' in content

    def test_it_says_as_what_where_there_are_several(self, staff, owner):
        content = staff.get(f"/admin/accounts/user/{owner.pk}/change/").content.decode()
        for side in ("requester", "addressee"):
            link = rf'href="/admin/social/friendship/\?{side}={owner.pk}"[^>]*>friendships \({side}\)<'
            assert re.search(link, content)

    def test_a_list_of_one_challenge_shows_only_that(self, staff, challenge, owner):
        testing.make_challenge(owner)
        response = staff.get(f"/admin/challenges/membership/?challenge={challenge.pk}")
        assert response.context["cl"].result_count == 2

    def test_it_knows_which_keys_are_indexed(self):
        assert is_indexed(CheckIn._meta.get_field("user"))
        assert not is_indexed(CheckIn._meta.get_field("habit"))
