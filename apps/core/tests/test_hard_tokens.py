"""Bad tokens and strange methods on every route, found in the URLconf."""

import jwt
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps import testing
from apps.accounts.services import deactivate_user
from apps.accounts.tests.people import bearing, log_in
from apps.accounts.tests.test_authentication import OTHER_KEY, claims, signed, unsigned
from apps.core.tests.routes import api_routes

pytestmark = pytest.mark.django_db

CALLS = [(route, method.upper()) for route in api_routes() if not route.is_open for method in route.methods]
HEADERS = {
    "empty": "", "no token": "Bearer", "blank": "Bearer  ", "two": "Bearer a b", "other scheme": "Basic YTpi",
    "10 KB": "Bearer " + "x" * 10_240, "no signature": "Bearer e30.e30.", "NUL": "Bearer \x00", "bytes": "Bearer \xff",
}  # fmt: skip


def told(api, **options):
    """By route what is not 401, and the statements that were made."""
    with CaptureQueriesContext(connection) as queries:
        answers = {f"{method} {route}": api.raw(method, route.path(), b"{}", **options) for route, method in CALLS}
    return {name: answer.status_code for name, answer in answers.items() if answer.status_code != 401}, len(queries)


class TestAuthorization:
    @pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
    def test_no_route_takes_what_is_no_token__hc21(self, header):
        assert told(testing.Api(), headers={"Authorization": header}) == ({}, 0)

    @pytest.mark.parametrize("wrong", ["alg none", "another key", "expired"])
    def test_no_route_asks_the_database_before_the_signature_holds__hc21(self, wrong, settings):
        token = {
            "alg none": unsigned,
            "another key": lambda: jwt.encode(claims(), OTHER_KEY, algorithm="HS256"),
            "expired": lambda: signed(settings, exp=1),
        }[wrong]()
        assert told(bearing(token)) == ({}, 0)


class TestUsers:
    """Of each the token was good, and in the cache."""

    @pytest.fixture
    def api(self, owner):
        api = testing.Api(owner)
        assert api.get("/users/me").status_code == 200
        return api

    def test_no_route_knows_a_deleted_one__hc22(self, api, owner):
        owner.delete()
        testing.forget()
        assert told(api)[0] == {}

    def test_no_route_knows_a_deactivated_one__hc22(self, api, owner):
        deactivate_user(user_id=owner.pk)
        assert told(api)[0] == {}

    def test_no_route_takes_a_refresh_token__hc23(self, owner):
        assert told(bearing(log_in(owner)["refresh_token"])) == ({}, 0)

    def test_no_route_knows_a_session_that_has_ended__hc22(self, api):
        assert api.post("/auth/logout").status_code == 200
        assert told(api)[0] == {}

    def test_no_route_takes_a_token_from_before_the_password__hc22(self, api):
        body = {"current_password": "password", "new_password": "an0ther secret"}
        assert api.post("/auth/password", body).status_code == 200
        assert told(api)[0] == {}


class TestMethods:
    @pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "CONNECT", "X" * 100])
    def test_no_route_knows_a_strange_one__hc20(self, method, as_owner):
        for route in api_routes():
            answer = as_owner.raw(method, route.path())
            assert (answer.status_code, "Allow" in answer) == (405, True), f"{method} {route}"
            assert method not in answer["Allow"].split(", ")

    def test_every_other_one_of_the_api_is_refused__hc20(self, as_owner):
        for route in api_routes():
            for method in {"get", "post", "put", "patch", "delete"} - set(route.methods):
                answer = as_owner.raw(method.upper(), route.path(), b"{}")
                assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed"), f"{method} {route}"
