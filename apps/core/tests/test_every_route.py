"""What holds on every route of the API: authentication, methods, ids, slashes, bodies."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps import testing
from apps.core.tests.routes import BAD_IDS, all_routes, api_routes

pytestmark = pytest.mark.django_db

ROUTES = api_routes()
CLOSED = [route for route in ROUTES if not route.is_open]
CALLS = [(route, method) for route in CLOSED for method in route.methods]
BODIES = [(route, method) for route in ROUTES for method in route.methods if route.takes_body(method)]
WITH_ID = [(route, method) for route, method in CALLS if route.parameters]
AUTHORIZATIONS = ["", "Bearer", "Bearer ", "Bearer a b", "Basic abc", "Bearer " + "x" * 10_000, "Bearer e30.e30."]


def named(calls):
    return [f"{call[1].upper()} {call[0]}" for call in calls]


@pytest.fixture
def api(db):
    return testing.Api(testing.make_user())


class TestAuthentication:
    @pytest.mark.parametrize(("route", "method"), CALLS, ids=named(CALLS))
    def test_it_answers_401_in_the_contracts_shape_without_a_token(self, route, method, anonymous):
        with CaptureQueriesContext(connection) as queries:
            response = anonymous.raw(method.upper(), route.path())
        assert response.status_code == 401
        assert response.json() == {"detail": "Authentication is required.", "code": "authentication_required"}
        assert response["WWW-Authenticate"] == "Bearer"
        assert len(queries) == 0

    @pytest.mark.parametrize("header", AUTHORIZATIONS)
    def test_it_refuses_what_is_no_good_token_without_sql__hc21(self, header, anonymous):
        with CaptureQueriesContext(connection) as queries:
            response = anonymous.get("/auth/me", headers={"Authorization": header})
        assert response.status_code == 401
        assert response.json()["code"] in ("authentication_required", "invalid_token")
        assert len(queries) == 0

    @pytest.mark.parametrize("route", [route for route in ROUTES if route.is_open], ids=str)
    def test_it_ignores_a_stale_token_on_open_routes(self, route, anonymous):
        response = anonymous.post(route.path(), {}, headers={"Authorization": "Bearer stale"})
        assert response.status_code == 422


class TestMethods:
    @pytest.mark.parametrize("route", CLOSED, ids=str)
    def test_it_names_the_allowed_methods_after_authentication(self, route, api, anonymous):
        assert anonymous.raw("PROPFIND", route.path()).status_code == 401
        response = api.raw("PROPFIND", route.path())
        assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
        allowed = (
            {name.upper() for name in route.methods}
            | {"OPTIONS"}
            | ({"HEAD"} & {"HEAD" if "get" in route.methods else ""})
        )
        assert set(response["Allow"].split(", ")) == allowed

    @pytest.mark.parametrize("route", [route for route in ROUTES if route.is_open], ids=str)
    def test_it_needs_no_token_to_say_405_on_open_routes__hc20(self, route, anonymous):
        response = anonymous.raw("TRACE", route.path())
        assert response.status_code == 405
        assert "POST" in response["Allow"]

    @pytest.mark.parametrize("route", CLOSED, ids=str)
    def test_it_answers_options_with_204_and_allow__hc20(self, route, api, anonymous):
        assert anonymous.options(route.path()).status_code == 401
        response = api.options(route.path())
        assert (response.status_code, response.content) == (204, b"")
        assert "OPTIONS" in response["Allow"]

    @pytest.mark.parametrize("route", [route for route in CLOSED if "get" in route.methods], ids=str)
    def test_it_answers_head_as_get_without_a_body__hc20(self, route, api):
        head, get = api.raw("HEAD", route.path()), api.get(route.path())
        assert (head.status_code, head.content) == (get.status_code, b"")
        assert head["Content-Length"] == get["Content-Length"]


class TestPaths:
    @pytest.mark.parametrize(("route", "method"), CALLS, ids=named(CALLS))
    def test_it_answers_with_and_without_a_trailing_slash(self, route, method, owner):
        # A client each: logout would end the other's session.
        plain, slashed = (testing.Api(owner).raw(method.upper(), path) for path in (route.path(), route.path() + "/"))
        assert (plain.status_code, plain.get("Allow")) == (slashed.status_code, slashed.get("Allow"))
        assert plain.status_code not in (301, 302, 307, 308)

    @pytest.mark.parametrize(("route", "method"), WITH_ID, ids=named(WITH_ID))
    @pytest.mark.parametrize("bad", BAD_IDS, ids=lambda bad: bad[:12])
    def test_it_knows_nothing_by_an_id_that_is_no_uuid__hc1(self, route, method, bad, api, anonymous):
        assert anonymous.raw(method.upper(), route.path(bad)).status_code == 401
        body = b'{"name": "x", "caption": "x", "role": "member", "action": "accept"}'
        with CaptureQueriesContext(connection) as queries:
            response = api.raw(method.upper(), route.path(bad), body)
        assert response.status_code == 404
        assert response.json()["code"].endswith("not_found")
        assert len(queries) == 1, "only the principal"

    def test_it_answers_404_in_json_for_unknown_paths_with_or_without_a_token(self, api, anonymous):
        for client in (api, anonymous):
            response = client.get("/nothing/here")
            assert (response.status_code, response.json()) == (404, {"detail": "Not found.", "code": "not_found"})


class TestHosts:
    @pytest.mark.parametrize("route", all_routes(), ids=str)
    def test_no_route_answers_for_another_host__hc19(self, route, api):
        for host in ("evil.example", "testserver.evil.example", "a b", "[::1", "x" * 300):
            response = api.get(route.path(), headers={"Host": host})
            assert (response.status_code, response.json()["code"]) == (400, "bad_request")


class TestNegotiation:
    @pytest.mark.parametrize(("route", "method"), [(route, method) for route in ROUTES for method in route.methods])
    def test_it_produces_json_only__hc18(self, route, method, api, anonymous):
        """Asked before who it is, and before anything is done."""
        for client in (api, anonymous):
            response = client.raw(method.upper(), route.path(), b"{}", headers={"Accept": "image/png"})
            assert (response.status_code, response.json()["code"]) == (406, "not_acceptable")

    @pytest.mark.parametrize("accept", ["*/*", "application/*", "application/json", "text/html, */*;q=0.1", ""])
    def test_it_accepts_what_includes_json(self, accept, api):
        assert api.get("/habits", headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize(("route", "method"), BODIES, ids=named(BODIES))
class TestBodies:
    @pytest.mark.parametrize("body", [b"null", b"[]", b'"x"', b"1", b"", b"{", b"\xff\xfe{}", b"\xef\xbb\xbf{}"])
    def test_it_takes_json_objects_only__hc8(self, route, method, body, api):
        self.refused(api.raw(method.upper(), route.path(), body), 422)

    @pytest.mark.parametrize("value", [b"NaN", b"Infinity", b"-Infinity", b"9" * 5000])
    def test_it_refuses_what_is_no_json_number__hc9(self, route, method, value, api):
        self.refused(api.raw(method.upper(), route.path(), b'{"x": %s}' % value), 422)

    @pytest.mark.parametrize("depth", [32, 50_000])
    def test_it_caps_the_depth__hc6(self, route, method, depth, api):
        self.refused(api.raw(method.upper(), route.path(), b'{"x":' + b"[" * depth + b"]" * depth + b"}"), 422)

    def test_it_refuses_a_key_that_stands_twice__hc13(self, route, method, api):
        self.refused(api.raw(method.upper(), route.path(), b'{"x": 1, "x": 2}'), 422)

    def test_it_refuses_large_bodies__hc7(self, route, method, api):
        self.refused(api.raw(method.upper(), route.path(), b'{"x": "' + b"a" * 3_000_000 + b'"}'), 413)

    @pytest.mark.parametrize("kind", ["text/plain", "", "multipart/form-data", "application/json; charset=latin-1"])
    def test_it_takes_json_in_utf8_only__hc17(self, route, method, kind, api):
        self.refused(api.raw(method.upper(), route.path(), b"{}", content_type=kind), 415)

    def test_it_takes_no_compressed_body(self, route, method, api):
        response = api.raw(method.upper(), route.path(), b"{}", headers={"Content-Encoding": "gzip"})
        self.refused(response, 415)

    def refused(self, response, status):
        assert response.status_code == status
        assert set(response.json()) == {"detail", "code"}
        assert response["Content-Type"] == "application/json"
