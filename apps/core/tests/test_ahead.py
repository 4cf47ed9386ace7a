"""What a read will want whoever its caller is comes in the round trip of the principal."""

import os
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection

from apps.notifications.tests.notices import make_notice
from darezone.postgresql.statements import Statements

pytestmark = pytest.mark.direct("through a pooler statements go one by one, and what is SET is another's")
COLD = {
    "/users/me": 2,
    "/users/me/stats": 2,
    "/auth/me": 2,
    "/challenges": 3,
    "/challenges?status_filter=active&limit=5": 3,
    "/notifications": 3,
    "/notifications?unread_only=true": 3,
    "/notifications/unread/count": 2,
}
"""Statements of a read of which the cache knows nothing."""


@pytest.fixture
def trips(monkeypatch):
    """Of each round trip how many statements it took along."""
    seen = []
    rows, together = Statements.rows, Statements.together

    def count_one(self, *args, **kwargs):
        seen.append(1)
        return rows(self, *args, **kwargs)

    def count_all(self, calls):
        seen.append(len(calls))
        return together(self, calls)

    monkeypatch.setattr(Statements, "rows", count_one)
    monkeypatch.setattr(Statements, "together", count_all)
    return seen


@pytest.mark.django_db
class TestAhead:
    @pytest.mark.parametrize("path", COLD)
    def test_a_cold_read_is_one_round_trip(self, path, as_owner, trips):
        assert as_owner.get(path).status_code == 200
        assert trips == [COLD[path]]

    def test_it_says_what_is_there(self, challenge, as_owner, owner):
        make_notice(owner)
        assert [row["id"] for row in as_owner.get("/challenges").json()["challenges"]] == [str(challenge.id)]
        assert as_owner.get("/notifications").json()["total"] == 1
        assert as_owner.get("/notifications/unread/count").json() == {"count": 1}

    def test_a_known_principal_leaves_the_page_and_its_count(self, as_owner, trips):
        as_owner.get("/users/me")
        trips.clear()
        as_owner.get("/notifications")
        as_owner.get("/challenges")
        assert trips == [2, 2]

    def test_what_the_cache_has_is_not_read(self, as_owner, trips):
        as_owner.get("/challenges")
        trips.clear()
        as_owner.get("/challenges")
        assert trips == []

    @pytest.mark.parametrize("path", ["/notifications?page=2", "/challenges?page=2"])
    def test_a_later_page_is_read_when_its_count_is_known(self, path, as_owner, trips):
        assert as_owner.get(path).status_code == 200
        assert trips == [1, 1]  # the principal, and a count that says there is no such page

    def test_behind_a_cursor_nothing_is_counted(self, as_owner, owner, trips):
        for _ in range(3):
            make_notice(owner)
        cursor = as_owner.get("/notifications?limit=2").json()["next_cursor"]
        trips.clear()
        assert len(as_owner.get(f"/notifications?cursor={cursor}").json()["items"]) == 1
        assert trips == [1]


@pytest.mark.django_db
class TestRefusals:
    @pytest.mark.parametrize("path", ["/notifications?limit=0", "/challenges?page=x"])
    def test_a_query_that_is_refused_reads_the_principal_only(self, path, as_owner, trips):
        assert as_owner.get(path).status_code == 422
        assert trips == [1]

    @pytest.mark.parametrize("path", COLD)
    def test_a_caller_who_is_refused_learns_nothing(self, path, owner, as_owner, trips):
        owner.is_active = False
        owner.save()
        trips.clear()
        answer = as_owner.get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
        assert trips == [COLD[path]]

    def test_a_refused_query_of_a_refused_caller_is_401(self, owner, as_owner):
        owner.is_active = False
        owner.save()
        assert as_owner.get("/notifications?limit=0").status_code == 401


@pytest.mark.django_db(transaction=True)
class TestFaults:
    def test_a_lost_round_trip_is_made_once_more__hc55(self, as_owner, monkeypatch):
        together, left = Statements.together, [1]

        def lose(self, calls):
            if left[0]:
                left[0] -= 1
                with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as killer:
                    killer.execute("SELECT pg_terminate_backend(%s, 2000)", [self.pgconn.backend_pid])
            return together(self, calls)

        monkeypatch.setattr(Statements, "together", lose)
        assert as_owner.get("/notifications").status_code == 200
        assert left == [0]

    def test_a_read_that_waits_too_long_is_unavailable__hc57(self, as_owner):
        as_owner.get("/users/me")
        with self.locked("notifications"):
            answer = as_owner.get("/notifications")
        assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
        assert as_owner.get("/notifications").status_code == 200

    @contextmanager
    def locked(self, table):
        """Another connection holds it; the test's own waits a tenth of a second."""
        other = connection.copy()
        with connection.cursor() as cursor, other.cursor() as holder:
            holder.execute(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            cursor.execute("SET lock_timeout = 100")
            try:
                yield
            finally:
                other.close()
                cursor.execute("RESET lock_timeout")
