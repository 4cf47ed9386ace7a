"""What staff change of an account is read at once at the API, although it was in the cache."""

import pytest

from apps import testing
from apps.accounts.models import User
from apps.accounts.tests.people import log_in, outcome
from apps.accounts.tests.test_admin import GOOD, USERS, edit
from apps.challenges.models import Challenge
from apps.core.tests.freshness import everything, is_warm, watched

pytestmark = pytest.mark.django_db


class TestUsers:
    def test_it_works(self, staff, as_owner, as_member, owner, challenge):
        with watched(as_owner, as_member):
            edit(staff, owner, display_name="Olga II", email="olga@new.example")
        profile = as_owner.get("/users/me").json()
        assert (profile["display_name"], profile["email"]) == ("Olga II", "olga@new.example")
        assert as_member.get(f"/users/{owner.id}").json()["display_name"] == "Olga II"

    @pytest.mark.parametrize(
        "changes", [{"email": "olga@new.example"}, {"forced_mode": "b2b"}, {"bio": "x"}, {"is_staff": "on"}], ids=str
    )
    def test_it_is_fresh_whatever_was_changed(self, staff, as_owner, owner, changes):
        with watched(as_owner):
            edit(staff, owner, **changes)
        assert User.objects.filter(pk=owner.pk, **{name: value == "on" or value for name, value in changes.items()})

    def test_a_timezone_is_fresh_in_the_lists_too(self, staff, as_owner, owner, challenge):
        Challenge.objects.update(is_public=True)
        with watched(as_owner):
            edit(staff, owner, timezone="Pacific/Kiritimati")
        assert as_owner.get("/users/me").json()["timezone"] == "Pacific/Kiritimati"

    def test_a_deactivation_acts_at_once_and_so_does_its_end(self, staff, as_owner, owner):
        everything(as_owner)
        edit(staff, owner, is_active=None)
        assert outcome(as_owner.get("/users/me")) == (401, "invalid_token")
        edit(staff, User.objects.get(pk=owner.pk), is_active="on")
        assert testing.Api(User.objects.get(pk=owner.pk)).get("/users/me").status_code == 200

    def test_a_new_password_ends_every_session_at_once(self, staff, as_owner, owner):
        everything(as_owner)
        staff.post(f"{USERS}{owner.pk}/password/", {"password1": GOOD, "password2": GOOD})
        assert outcome(as_owner.get("/users/me")) == (401, "invalid_token")
        assert log_in(owner, GOOD)

    def test_an_edit_of_nothing_expires_nothing(self, staff, as_owner, owner):
        everything(as_owner)
        edit(staff, owner)
        assert is_warm(as_owner, "/users/me")

    def test_a_refused_edit_expires_nothing(self, staff, as_owner, owner):
        everything(as_owner)
        edit(staff, owner, email="nobody")
        assert is_warm(as_owner, "/users/me")
