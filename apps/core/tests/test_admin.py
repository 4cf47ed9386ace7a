"""Every page of the staff site, for every model that is registered: a new one is covered without asking."""

from urllib.parse import urlencode

import pytest
from django.apps import apps as django_apps
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps import testing
from apps.accounts.models import LoginFailure, Session, User
from apps.core.admin import admin_url
from apps.core.tests.one_of_each import build

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
