"""silk records what staff ask for, without secrets, over a connection of its own, and never where it could hurt."""

import json
import os
import subprocess
import sys

import psycopg
import pytest
from django.conf import settings as loaded
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.test import RequestFactory

from apps import testing
from apps.profiling import silk_rules, storing
from apps.profiling.tests.database_url import url_of

pytestmark = pytest.mark.direct("silk is of development, whose server has no pooler")
SECRETS = ("hunter2-secret", "eyJhbGci", "stef.", "argon2", "sessionid=")


def execute(sql: str) -> None:
    """In no transaction, beside any."""
    with psycopg.connect(url_of(connection.settings_dict["NAME"]), autocommit=True) as other:
        other.execute(sql)


@pytest.fixture(scope="module")
def seen(django_db_setup, django_db_blocker):
    """What the process of silk_process.py has found out."""
    with django_db_blocker.unblock():
        name = f"{connection.settings_dict['NAME']}_silk"
        execute(f'DROP DATABASE IF EXISTS "{name}"')
        execute(f'CREATE DATABASE "{name}"')
        environment = os.environ | {
            **{"ENVIRONMENT": "development", "DEBUG": "false", "DJANGO_SETTINGS_MODULE": "darezone.settings"},
            **{"DATABASE_URL": url_of(connection.settings_dict["NAME"]), "DAREZONE_PROFILE_DATABASE_URL": url_of(name)},
            **{"DAREZONE_PROFILE": "true", "DAREZONE_PROFILE_PERCENT": "0", "ALLOWED_HOSTS": "testserver"},
        }
        command = [sys.executable, "-m", "apps.profiling.tests.silk_process"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class TestRecording:
    def test_it_works(self, seen):
        assert seen["answers"] == [200, 401, 200, 422, 200]
        assert seen["of staff"] == 5

    def test_the_header_of_others_means_nothing(self, seen):
        assert seen["of strangers"] == 0

    def test_secrets_are_masked(self, seen):
        assert [secret for secret in SECRETS if secret in seen["kept"]] == []
        assert "a biography" in seen["kept"]

    def test_bodies_are_capped(self, seen):
        assert "long " * 4000 not in seen["kept"]

    def test_every_statement_is_seen_once_and_none_is_explained(self, seen):
        made = [sql for sql in seen["queries"] if not sql.startswith(("SAVEPOINT", "RELEASE"))]
        assert [sql for sql in made if sql.startswith("EXPLAIN")] == []
        assert len([sql for sql in made if "INSERT INTO sessions" in sql]) == 1
        assert len([sql for sql in made if sql.startswith('UPDATE "users" SET "bio" = ?')]) == 1
        assert [
            sql for sql in made if sql.startswith('SELECT "users"."id" AS "id", "users"."display_name"')
        ]  # compiled

    def test_it_has_a_connection_of_its_own(self, seen):
        """The process has rolled everything else back."""
        assert seen["aliases"] == ["silk", "silk", "default"]

    def test_its_pages_are_for_staff(self, seen):
        assert seen["pages"] == {"anonymous": 302, "stranger": 403, "staff": 200}

    def test_it_and_the_performance_page_lead_to_each_other(self, seen):
        assert seen["link"] and seen["link back"]

    def test_a_command_deletes_what_is_old(self, seen):
        assert seen["after collection"] == 1

    def test_a_request_that_it_cannot_record_is_answered(self, seen):
        assert seen["without its database"] == 200


class TestWanted:
    @pytest.fixture(autouse=True)
    def never_by_chance(self, settings):
        settings.PROFILE_PERCENT = 0

    def asked(self, path="/api/v1/habits", **headers):
        return silk_rules.is_wanted(RequestFactory().get(path, headers={"X-Silk": "1"} | headers))

    def test_staff_are_known_by_their_token(self, db):
        staff = testing.token_for(testing.make_user(is_staff=True))
        assert self.asked(Authorization=f"Bearer {staff}")
        assert not self.asked(Authorization=f"Bearer {staff}", **{"X-Silk": "0"})

    def test_a_token_that_is_void_is_none_of_staff(self, db):
        user = testing.make_user(is_staff=True)
        token = testing.token_for(user)
        type(user).objects.filter(pk=user.pk).update(token_version=user.token_version + 1)
        assert not self.asked(Authorization=f"Bearer {token}")

    @pytest.mark.parametrize("path", ["/static/a.css", "/silk/", "/admin/performance/", "/metrics", "/health/live"])
    def test_some_paths_never_are(self, settings, path):
        settings.PROFILE_PERCENT = 100
        assert not self.asked(path)

    def test_others_are_by_chance(self, settings):
        settings.PROFILE_PERCENT = 30
        found = sum(silk_rules.is_wanted(RequestFactory().get("/")) for _ in range(2000))
        assert 400 < found < 800


class TestMasked:
    def test_it_keeps_json_without_secrets(self):
        answer = JsonResponse(
            {"tokens": [{"access_token": "a"}], "user": {"EMAIL": "k@x", "bio": "b"}, "n": [1, {"a": 2}]}
        )
        answer.set_cookie("sessionid", "secret")
        answer["X-CSRFToken"] = "secret"
        kept = silk_rules.masked(answer)
        assert json.loads(kept.content) == {"tokens": "***", "user": {"EMAIL": "***", "bio": "b"}, "n": [1, {"a": 2}]}
        assert "secret" not in str(kept.headers) and not kept.cookies
        assert answer.cookies["sessionid"].value == "secret"

    @pytest.mark.parametrize(
        "answer",
        [HttpResponse("<p>csrf</p>"), HttpResponse(b"{", content_type="application/json"), HttpResponse(status=204)],
        ids=["page", "broken", "empty"],
    )
    def test_it_keeps_nothing_else(self, answer):
        kept = silk_rules.masked(answer)
        assert (kept.content, kept.status_code) == (b"", answer.status_code)


class TestHere:
    def test_neither_silk_nor_the_toolbar_is_in_tests(self):
        assert not {"silk", "debug_toolbar"} & set(loaded.INSTALLED_APPS)
        assert not [name for name in loaded.MIDDLEWARE if "silk" in name or "toolbar" in name]
        assert not loaded.PROFILE and not loaded.RECORDER

    def test_the_recorder_needs_no_part_of_it(self):
        assert "silk" not in sys.modules and storing.connect
