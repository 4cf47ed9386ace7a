"""Rows below the page of a row: bounded in number and in statements, and only to look at."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps import testing
from apps.accounts.models import Session, User
from apps.challenges.models import Challenge, Membership
from apps.core import clock
from apps.core.staff_inlines import RowsInline

pytestmark = pytest.mark.django_db

INLINES = [(model, inline) for model, page in admin.site._registry.items() for inline in getattr(page, "inlines", ())]
MOST_ROWS = 50


def page_of(row) -> str:
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


def rows_below(browser, row) -> dict[str, int]:
    """Rows of each inline, by its model."""
    formsets = browser.get(page_of(row)).context["inline_admin_formsets"]
    return {shown.opts.model.__name__: len(shown.formset.forms) for shown in formsets}


def log_in(user: User, times: int) -> None:
    for _ in range(times):
        testing.token_for(user)


class TestEveryInline:
    def test_there_are_some(self):
        assert {(model.__name__, inline.model.__name__) for model, inline in INLINES} >= {
            ("User", "Session"),
            ("Challenge", "ChallengeHabit"),
            ("Challenge", "Membership"),
        }

    @pytest.mark.parametrize(("model", "inline"), INLINES, ids=lambda one: one.__name__)
    def test_it_is_bounded(self, model, inline):
        assert issubclass(inline, RowsInline)
        assert 0 < inline.most <= MOST_ROWS and inline.ordering and inline.columns

    @pytest.mark.parametrize(("model", "inline"), INLINES, ids=lambda one: one.__name__)
    def test_its_statement_has_the_bound(self, staff, model, inline, challenge, owner):
        row = {User: owner, Challenge: challenge}[model]
        with CaptureQueriesContext(connection) as captured:
            staff.get(page_of(row))
        (sql,) = [one["sql"] for one in captured if f'FROM "{inline.model._meta.db_table}"' in one["sql"]]
        assert sql.endswith(f"LIMIT {inline.most}")


class TestRows:
    def test_more_than_the_bound_are_not_shown(self, staff, owner):
        log_in(owner, 12)
        assert rows_below(staff, owner) == {"Session": 10}

    def test_sessions_that_live_come_first(self, staff, owner):
        log_in(owner, 9)
        Session.objects.filter(user=owner).update(revoked_at=clock.now())
        log_in(owner, 3)
        shown = staff.get(page_of(owner)).context["inline_admin_formsets"][0].formset
        assert [form.instance.revoked_at is None for form in shown.forms] == [True] * 3 + [False] * 7

    def test_members_are_those_of_today(self, staff, challenge, owner):
        for status in ("active", "left", "kicked"):
            testing.add_member(challenge, testing.make_user(), status=status)
        assert rows_below(staff, challenge) == {"ChallengeHabit": 2, "Membership": 3}

    def test_they_cost_the_same_for_one_and_for_many(self, staff, owner):
        log_in(owner, 1)
        costs = []
        for _ in range(2):
            staff.get(page_of(owner))
            with CaptureQueriesContext(connection) as captured:
                staff.get(page_of(owner))
            costs.append(len(captured))
            log_in(owner, 30)
        assert costs[0] == costs[1] <= 10

    def test_a_row_that_is_added_has_none(self, staff):
        assert staff.get("/admin/accounts/user/add/").context["inline_admin_formsets"] == []

    def test_they_are_shown_to_those_who_may_see_them(self, owner, challenge):
        browser = testing.staff_client(is_superuser=False)
        user = User.objects.get(pk=browser.session["_auth_user_id"])
        user.user_permissions.add(Permission.objects.get(codename="view_challenge"))
        assert rows_below(browser, challenge) == {}


class TestSaving:
    """A page with rows below it is saved as if they were not there, whatever happened to them meanwhile."""

    def form(self, browser, challenge) -> dict[str, str]:
        shown = browser.get(page_of(challenge)).context["adminform"].form
        return {name: shown[name].value() for name in shown.fields if shown[name].value() is not None}

    def test_it_works(self, staff, challenge):
        posted = self.form(staff, challenge) | {"name": "Another name"}
        posted |= {"memberships-TOTAL_FORMS": "50", "memberships-0-role": "creator", "memberships-0-id": "nonsense"}
        before = list(Membership.objects.order_by("pk").values())
        response = staff.post(page_of(challenge), posted)
        assert response.status_code == 302
        assert Challenge.objects.get(pk=challenge.pk).name == "Another name"
        assert list(Membership.objects.order_by("pk").values()) == before

    def test_a_form_that_is_refused_shows_the_rows_again(self, staff, challenge):
        response = staff.post(page_of(challenge), self.form(staff, challenge) | {"name": ""})
        assert response.status_code == 200
        shown = {one.opts.model.__name__: len(one.formset.forms) for one in response.context["inline_admin_formsets"]}
        assert shown["Membership"] == Membership.objects.filter(challenge=challenge).count()
