"""`bin/manage admin_report` looks at every page there is."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps import testing
from apps.core.tests.one_of_each import build
from apps.profiling.management.commands import admin_report

pytestmark = pytest.mark.django_db


def report(*args: str) -> str:
    out = StringIO()
    call_command("admin_report", *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def superuser():
    return testing.make_user("Root", is_staff=True, is_superuser=True)


class TestAdminReport:
    def test_it_works(self, superuser):
        build(2)
        said = report()
        for page in ("/admin/", "/admin/social/hitch/?past=30", "/admin/checkins/checkin/?from="):
            assert page in said

    def test_it_tells_what_is_too_dear(self, superuser, monkeypatch):
        monkeypatch.setattr(admin_report, "MOST_STATEMENTS", 0)
        monkeypatch.setattr(admin_report, "pages", lambda: iter(["/admin/"]))
        with pytest.raises(CommandError, match="Too dear: /admin/"):
            report("--check")

    def test_it_needs_somebody_to_look(self):
        with pytest.raises(CommandError, match="createsuperuser"):
            report()
