"""A database connection that the server ends while a request is using it."""

import os
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection

from apps import testing

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.direct("a pooler hides which connection of the server is asked, and that it ended"),
]


@contextmanager
def losing_the_connection(*, at: str, times: int):
    """The server ends the connection before each of the first statements that hold `at`."""
    left = [times]

    def lose(execute, sql, params, many, context):
        if left[0] and at in sql:
            left[0] -= 1
            backend = connection.connection.info.backend_pid
            with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as killer:
                killer.execute("SELECT pg_terminate_backend(%s, 2000)", [backend])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(lose):
        yield left


class TestLostConnection:
    def test_a_read_is_made_once_more__hc55(self):
        api = testing.Api(testing.make_user())
        with losing_the_connection(at="bio", times=1) as left:
            assert api.get("/users/me").status_code == 200
        assert left == [0]

    def test_its_second_try_is_the_same_call_for_the_throttle(self, settings):
        settings.THROTTLE_ENABLED, settings.THROTTLE_DEFAULT = True, 5
        api = testing.Api(testing.make_user())
        with losing_the_connection(at="bio", times=1):
            assert api.get("/users/me")["RateLimit-Remaining"] == "4"
        assert api.get("/users/me")["RateLimit-Remaining"] == "3"

    def test_a_read_that_loses_twice_is_unavailable__hc55(self):
        api = testing.Api(testing.make_user())
        with losing_the_connection(at="bio", times=2):
            answer = api.get("/users/me")
        assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
        assert int(answer["Retry-After"]) >= 1
        assert api.get("/users/me").status_code == 200

    def test_a_write_is_not_repeated__hc55(self):
        api = testing.Api(testing.make_user())
        with losing_the_connection(at="UPDATE", times=1) as left:
            assert api.patch("/users/me", {"bio": "new"}).status_code == 503
        assert left == [0]
        assert api.get("/users/me").json()["bio"] is None
