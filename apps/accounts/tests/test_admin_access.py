"""Staff and passwords, log-ins and sessions: of themselves and of others."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps import testing
from apps.accounts import lockout, tokens
from apps.accounts.models import LoginFailure, Session, User
from apps.core import clock

pytestmark = pytest.mark.django_db

USERS = "/admin/accounts/user/"
GOOD = "Correct-Horse-7"


class TestPassword:
    def set(self, staff, user, password=GOOD, **fields):
        values = {"usable_password": "true", "password1": password, "password2": password, "set-password": "x"}
        return staff.post(f"{USERS}{user.pk}/password/", values | fields)

    def test_it_works(self, staff, member, as_member, anonymous):
        assert self.set(staff, member).status_code == 302
        assert as_member.get("/auth/me").status_code == 401
        assert not Session.objects.filter(user=member, revoked_at=None).exists()
        login = {"email": member.email, "password": GOOD}
        assert anonymous.post("/auth/login", login).status_code == 200

    def test_it_can_be_taken_away(self, staff, member, anonymous):
        self.set(staff, member, "", usable_password="false", **{"unset-password": "x"})
        login = {"email": member.email, "password": "password"}
        assert anonymous.post("/auth/login", login).status_code == 401

    def test_it_refuses_a_weak_one(self, staff, member):
        assert "password2" in self.set(staff, member, "password").context["form"].errors

    def test_ones_own_keeps_the_browser_logged_in(self, db):
        me = testing.make_user("Stef", is_staff=True)
        browser = Client()
        browser.force_login(me)
        fields = {"old_password": "password", "new_password1": GOOD, "new_password2": GOOD}
        assert browser.post("/admin/password_change/", fields).status_code == 302
        assert browser.get("/admin/").status_code == 200
        me.refresh_from_db()
        assert (me.check_password(GOOD), me.token_version) == (True, 1)


class TestLogIn:
    def enter(self, email, password="password"):  # noqa: S107
        return Client().post("/admin/login/?next=/admin/", {"username": email, "password": password})

    @pytest.fixture
    def stef(self, db):
        return testing.make_user("Stef", email="stef@example.com", is_staff=True)

    def test_it_works(self, stef):
        assert self.enter(" STEF@Example.com")["Location"] == "/admin/"

    def test_it_is_for_staff(self, member):
        assert self.enter(member.email).status_code == 200

    def test_it_is_for_active_staff(self, db):
        testing.make_user("Gone", email="gone@example.com", is_staff=True, is_active=False)
        assert self.enter("gone@example.com").status_code == 200

    def test_five_failures_lock_the_address_here_and_at_the_api(self, stef, anonymous):
        for _ in range(5):
            assert self.enter("Stef@example.com", "wrong").status_code == 200
        assert "Too many failed logins" in self.enter("stef@example.com").content.decode()
        answer = anonymous.post("/auth/login", {"email": "stef@example.com", "password": "password"})
        assert (answer.status_code, answer.json()["code"]) == (429, "login_locked")

    def test_success_forgets_the_failures(self, stef):
        self.enter("stef@example.com", "wrong")
        self.enter("stef@example.com")
        assert not LoginFailure.objects.exists()


class TestLoginFailures:
    LIST = "/admin/accounts/loginfailure/"

    def test_deleting_one_unlocks_the_address(self, staff, member, anonymous):
        for _ in range(5):
            lockout.count_failure(member.email)
        login = {"email": member.email, "password": "password"}
        assert anonymous.post("/auth/login", login).status_code == 429
        found = staff.get(self.LIST, {"q": member.email.upper(), "locked": "yes"}).context["cl"].result_list
        key = found[0].email_hash
        staff.post(self.LIST, {"action": "delete_selected", "_selected_action": key, "post": "yes"})
        assert anonymous.post("/auth/login", login).status_code == 200

    def test_it_is_found_by_its_hash_too(self, staff):
        lockout.count_failure("ann@example.com")
        key = tokens.fingerprint("ann@example.com")
        assert staff.get(self.LIST, {"q": key}).context["cl"].result_count == 1
        assert staff.get(self.LIST, {"q": "bob@example.com"}).context["cl"].result_count == 0

    def test_it_cannot_be_changed(self, staff):
        lockout.count_failure("ann@example.com")
        url = f"{self.LIST}{tokens.fingerprint('ann@example.com')}/change/"
        assert staff.post(url, {"failures": "0"}).status_code == 403


class TestSessions:
    def test_it_works(self, staff, member, as_member):
        listed = staff.get("/admin/accounts/session/", {"q": member.email}).context["cl"].result_list
        assert [session.user_id for session in listed] == [member.pk]

    def test_it_filters_by_revocation(self, staff, member, owner):
        testing.token_for(member)
        testing.token_for(owner)
        Session.objects.filter(user=owner).update(revoked_at=clock.now() - timedelta(hours=1))
        for value, user in (("yes", owner), ("no", member)):
            listed = staff.get("/admin/accounts/session/", {"revoked": value}).context["cl"].result_list
            assert [session.user_id for session in listed] == [user.pk]

    def test_it_cannot_be_changed(self, staff, member):
        testing.token_for(member)
        session = Session.objects.get(user=member)
        assert staff.post(f"/admin/accounts/session/{session.pk}/change/", {"revoked_at_0": ""}).status_code == 403


class TestCommandLine:
    def test_createsuperuser_works(self, db, monkeypatch):
        monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", GOOD)
        call_command("createsuperuser", email="Boss@Example.com", interactive=False, verbosity=0)
        boss = User.objects.get(email="boss@example.com")
        assert (boss.display_name, boss.is_staff, boss.is_superuser) == ("boss", True, True)
        assert boss.check_password(GOOD)

    def test_it_refuses_what_is_no_address(self, db, monkeypatch):
        monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", GOOD)
        with pytest.raises(CommandError):
            call_command("createsuperuser", email="boss", interactive=False, verbosity=0)

    def test_create_user_makes_an_ordinary_account(self, db):
        user = User.objects.create_user("ann@example.com", display_name="Ann")
        assert (user.display_name, user.is_staff, user.has_usable_password()) == ("Ann", False, False)
