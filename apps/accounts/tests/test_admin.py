import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps import testing
from apps.accounts.models import Session, User
from apps.core import clock

pytestmark = pytest.mark.django_db

USERS = "/admin/accounts/user/"
GOOD = "Correct-Horse-7"


def form_of(staff, url: str) -> dict:
    """What a browser would send back unchanged."""
    form = staff.get(url).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value not in (None, False)}


def edit(staff, user: User, **changes):
    """Sends the change page with `changes`; None takes a field out, as an empty box does."""
    url = f"{USERS}{user.pk}/change/"
    values = form_of(staff, url) | changes
    return staff.post(url, {name: value for name, value in values.items() if value is not None})


class TestUserAdd:
    def add(self, staff, **fields):
        return staff.post(f"{USERS}add/", {"password1": GOOD, "password2": GOOD} | fields)

    def test_it_works(self, staff):
        response = self.add(staff, email=" New.Person@Example.COM ")
        user = User.objects.get(email="new.person@example.com")
        assert response["Location"] == f"{USERS}{user.pk}/change/"
        assert (user.display_name, user.is_active, user.is_staff) == ("new.person", True, False)
        assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")

    def test_the_new_user_logs_in_at_the_api(self, staff, anonymous):
        self.add(staff, email="new@example.com", display_name="New")
        answer = anonymous.post("/auth/login", {"email": "NEW@example.com", "password": GOOD})
        assert answer.json()["user"]["display_name"] == "New"

    def test_it_makes_a_staff_member_in_two_steps(self, staff):
        self.add(staff, email="new@example.com")
        edit(staff, User.objects.get(email="new@example.com"), is_staff="on")
        browser = Client()
        page = browser.post("/admin/login/?next=/admin/", {"username": "New@Example.com", "password": GOOD})
        assert page["Location"] == "/admin/"
        assert browser.get("/admin/").status_code == 200

    @pytest.mark.parametrize("email", ["nobody", "a@b@", "x" * 250 + "@example.com", ""])
    def test_it_refuses_what_is_no_address(self, staff, email):
        assert "email" in self.add(staff, email=email).context["adminform"].form.errors

    def test_it_refuses_a_taken_address_in_any_case(self, staff, member):
        response = self.add(staff, email=member.email.upper())
        assert "email" in response.context["adminform"].form.errors

    @pytest.mark.parametrize("password", ["short", "password", "1234567890123", "new@example.com", "x" * 129])
    def test_it_refuses_weak_passwords(self, staff, password):
        response = self.add(staff, email="new@example.com", password1=password, password2=password)
        assert {"password1", "password2"} & set(response.context["adminform"].form.errors)
        assert not User.objects.filter(email="new@example.com").exists()

    def test_it_refuses_two_different_passwords(self, staff):
        response = self.add(staff, email="new@example.com", password2=GOOD + "x")
        assert "password2" in response.context["adminform"].form.errors


class TestUserChange:
    def test_it_works(self, staff, member):
        answer = edit(staff, member, display_name="Maxine", bio="one\r\ntwo", forced_mode="b2b", full_name="")
        member.refresh_from_db()
        assert answer.status_code == 302
        assert (member.display_name, member.bio, member.forced_mode) == ("Maxine", "one\ntwo", "b2b")
        assert member.full_name is None

    def test_nothing_is_written_when_nothing_changed(self, staff, member):
        User.objects.filter(pk=member.pk).update(bio="one\ntwo", avatar_url="http://localhost:9/a.png")
        with CaptureQueriesContext(connection) as captured:
            assert edit(staff, member).status_code == 302
        assert not [query["sql"] for query in captured if query["sql"].startswith("UPDATE")]

    def test_it_writes_only_what_changed(self, staff, member):
        """A check-in that moves the counters while the page is open is not undone."""
        with CaptureQueriesContext(connection) as captured:
            edit(staff, member, display_name="Maxine", forced_mode="b2b", email="max@example.com")
        updates = [query["sql"] for query in captured if query["sql"].startswith('UPDATE "users"')]
        assert len(updates) == 2
        assert not [sql for sql in updates if "points" in sql or "streak" in sql or "password" in sql]

    @pytest.mark.parametrize(
        "field", ["points", "current_streak", "longest_streak", "total_check_ins", "total_challenges_completed"]
    )
    def test_counters_cannot_be_written(self, staff, member, field):
        edit(staff, member, **{field: 99, "display_name": "Maxine"})
        assert User.objects.values_list(field, flat=True).get(display_name="Maxine") == 0

    @pytest.mark.parametrize("field", ["account_type", "day_floor", "token_version", "push_token", "password", "id"])
    def test_nor_can_what_the_server_keeps(self, staff, member, field):
        before = User.objects.values(field).get(pk=member.pk)
        edit(staff, member, **{field: "b2b", "display_name": "Maxine"})
        assert User.objects.values(field).get(display_name="Maxine") == before

    def test_a_move_to_another_zone_keeps_the_day_that_was_reached(self, staff, member):
        User.objects.filter(pk=member.pk).update(timezone="Pacific/Kiritimati", day_floor="2026-01-01")
        reached = clock.today("Pacific/Kiritimati", None)
        edit(staff, member, timezone="Pacific/Pago_Pago")
        member.refresh_from_db()
        assert (member.timezone, member.day_floor) == ("Pacific/Pago_Pago", reached)

    def test_deactivating_ends_every_session_at_once(self, staff, member, as_member):
        assert as_member.get("/auth/me").status_code == 200
        edit(staff, member, is_active=None)
        member.refresh_from_db()
        assert (member.is_active, member.token_version) == (False, 1)
        assert not Session.objects.filter(user=member, revoked_at=None).exists()
        assert as_member.get("/auth/me").status_code == 401

    def test_activating_again_revives_no_session(self, staff, member, as_member):
        edit(staff, member, is_active=None)
        edit(staff, member, is_active="on")
        assert User.objects.get(pk=member.pk).is_active
        assert as_member.get("/auth/me").status_code == 401

    def test_an_avatar_is_a_web_address(self, staff, member):
        response = edit(staff, member, avatar_url="javascript:alert(1)")
        assert "avatar_url" in response.context["adminform"].form.errors

    def test_it_cannot_be_deleted(self, staff, member):
        assert staff.post(f"{USERS}{member.pk}/delete/", {"post": "yes"}).status_code == 403
        assert User.objects.filter(pk=member.pk).exists()


class TestUserSearch:
    @pytest.mark.parametrize("text", ["max", "MA", "m", "max stone", "{email}", "{id}", "{beginning}", " {id} "])
    def test_it_works(self, staff, text):
        user = testing.make_user("Max Stone", email="max.stone@example.com")
        testing.make_user("Olga")
        text = text.format(email=" Max.Stone@Example.com", id=user.pk, beginning="max.stone@")
        assert list(staff.get(USERS, {"q": text}).context["cl"].result_list) == [user]

    @pytest.mark.parametrize("text", ["stone@", "%", "_ax", "nobody@example.com", "ma\u202ex"])
    def test_it_finds_nothing_else(self, staff, text):
        testing.make_user("Max Stone", email="max.stone@example.com")
        assert staff.get(USERS, {"q": text}).context["cl"].result_count == 0


class TestPowers:
    """Staff who may change users are not thereby superusers."""

    @pytest.fixture
    def helper(self, db):
        browser = testing.staff_client(is_superuser=False, email="helper@example.com")
        names = ["view_user", "change_user", "add_user"]
        User.objects.get(email="helper@example.com").user_permissions.set(Permission.objects.filter(codename__in=names))
        return browser

    def test_it_works(self, helper, member):
        edit(helper, member, display_name="Maxine")
        assert User.objects.get(pk=member.pk).display_name == "Maxine"

    def test_they_give_no_powers(self, helper, member):
        power = Permission.objects.get(codename="delete_user")
        fields = {"is_staff": "on", "is_superuser": "on", "user_permissions": [str(power.pk)]}
        assert edit(helper, member, display_name="Maxine", **fields).status_code == 302
        member = User.objects.get(pk=member.pk, display_name="Maxine")
        assert (member.is_staff, member.is_superuser, member.user_permissions.count()) == (False, False, 0)

    def test_they_add_users_without_powers(self, helper):
        fields = {"email": "new@example.com", "password1": GOOD, "password2": GOOD, "is_superuser": "on"}
        assert helper.post(f"{USERS}add/", fields).status_code == 302
        assert not User.objects.get(email="new@example.com").is_superuser

    def test_they_change_no_staff(self, helper):
        boss = testing.make_user("Boss", is_staff=True)
        assert helper.post(f"{USERS}{boss.pk}/change/", {"email": "taken@example.com"}).status_code == 403
        passwords = {"password1": GOOD, "password2": GOOD}
        assert helper.post(f"{USERS}{boss.pk}/password/", passwords).status_code == 403

    def test_without_a_permission_there_is_nothing(self, db, member):
        nobody = testing.staff_client(is_superuser=False)
        assert nobody.get(USERS).status_code == 403
        assert nobody.get(f"{USERS}{member.pk}/change/").status_code == 403
