"""ETag and 304 (contract 1.7): no client receives what it has already, and none keeps what has changed."""

import pytest

from apps import testing
from apps.core.tests.routes import api_routes
from apps.notifications.tests.notices import make_notice
from apps.profiling.tests.counting import counting

pytestmark = pytest.mark.django_db

PATHS = {"/users/me", "/challenges", "/challenges/discover", "/challenges/{id}", "/notifications"}
CACHED = {"/users/me", "/challenges", "/challenges/discover"}
SIGNUP = {"email": "new@example.com", "password": "an0ther secret"}
every_path = pytest.mark.parametrize("path", sorted(PATHS), indirect=True)


@pytest.fixture
def challenge(owner, member):
    return testing.make_challenge(owner, member, is_public=True)


@pytest.fixture
def path(request, challenge, owner):
    make_notice(owner)
    return request.param.format(id=challenge.id)


def get(api, path, known=None, method="GET"):
    return api.raw(method, path, headers={"If-None-Match": known} if known is not None else {})


@every_path
class TestConditionalReads:
    def test_it_works(self, as_owner, path):
        full = get(as_owner, path)
        assert (full.status_code, full["Cache-Control"]) == (200, "private, no-cache")
        assert full["ETag"][0] == full["ETag"][-1] == '"' and len(full["ETag"]) > 20
        short = get(as_owner, path, full["ETag"])
        assert (short.status_code, short.content, short["ETag"]) == (304, b"", full["ETag"])

    def test_a_304_has_the_headers_of_the_200_but_those_of_a_body(self, as_owner, path):
        full = get(as_owner, path)
        short = get(as_owner, path, full["ETag"])
        for name in ("ETag", "Cache-Control", "Vary"):
            assert short[name] == full[name]
        assert full["Vary"] == "Authorization, Origin"
        assert not {"Content-Type", "Content-Length"} & set(short.headers)
        assert short["X-Request-ID"] and short["X-Process-Time"]

    @pytest.mark.parametrize("known", ["{}", '"x", {}', '{} , W/"y"', '"a,b",{}', "*", " * ", "W/{}", '"x",W/{},"y"'])
    def test_it_knows_its_etag_in_every_form(self, as_owner, path, known):
        etag = get(as_owner, path)["ETag"]
        assert get(as_owner, path, known.format(etag)).status_code == 304

    @pytest.mark.parametrize(
        "known", ["", '"x"', "bare", '"', '""', "W/", '"open', "*x", "**", "é", '"*"', "w/{}", "{}x"]
    )
    def test_it_answers_in_full_to_anything_else(self, as_owner, path, known):
        full = get(as_owner, path)
        again = get(as_owner, path, known.format(full["ETag"]))
        assert (again.status_code, again.content, again["ETag"]) == (200, full.content, full["ETag"])

    def test_an_etag_without_its_quotes_is_none(self, as_owner, path):
        etag = get(as_owner, path)["ETag"]
        assert get(as_owner, path, etag.strip('"')).status_code == 200

    def test_head_is_get_without_the_body(self, as_owner, path):
        full, head = get(as_owner, path), get(as_owner, path, method="HEAD")
        assert (head.status_code, head.content, head["ETag"]) == (200, b"", full["ETag"])
        assert head["Content-Length"] == str(len(full.content))
        short = get(as_owner, path, full["ETag"], method="HEAD")
        assert (short.status_code, short.content) == (304, b"")

    def test_it_tells_nothing_before_it_knows_who_asks(self, as_owner, anonymous, path):
        etag = get(as_owner, path)["ETag"]
        for known in (etag, "*"):
            response = get(anonymous, path, known)
            assert (response.status_code, response["Cache-Control"], "ETag" in response) == (401, "no-store", False)

    def test_a_304_costs_what_its_200_costs(self, as_owner, path):
        etag = get(as_owner, path)["ETag"]
        costs = []
        for known, status in (('"x"', 200), (etag, 304)):
            with counting() as cost:
                assert get(as_owner, path, known).status_code == status
            costs.append((len(cost.statements), cost.redis))
        assert costs[0] == costs[1]


@pytest.mark.parametrize("path", sorted(CACHED), indirect=True)
class TestCachedReads:
    def test_a_304_costs_no_statement_and_one_round_trip(self, as_owner, path):
        etag = get(as_owner, path)["ETag"]
        with counting() as cost:
            assert get(as_owner, path, etag).status_code == 304
        assert (cost.statements, cost.redis) == ([], 1)

    def test_the_cache_gives_the_etag_that_the_database_gave(self, as_owner, path):
        etags = {get(as_owner, path)["ETag"] for _ in range(2)}
        testing.forget()
        assert {get(as_owner, path)["ETag"]} == etags


class TestChanges:
    @pytest.mark.parametrize("path", sorted(PATHS - {"/notifications", "/users/me"}), indirect=True)
    def test_no_304_after_an_edit_of_the_challenge(self, as_owner, as_member, challenge, path):
        for reader in (as_owner, as_member):
            etag = get(reader, path)["ETag"]
            as_owner.patch(f"/challenges/{challenge.id}", {"name": f"New for {reader.user.display_name}"})
            assert_changed(reader, path, etag)

    @pytest.mark.parametrize("path", ["/users/me"], indirect=True)
    def test_no_304_after_an_edit_of_the_profile(self, as_owner, path):
        etag = get(as_owner, path)["ETag"]
        as_owner.patch("/users/me", {"bio": "new"})
        assert_changed(as_owner, path, etag)

    @pytest.mark.parametrize("path", ["/notifications"], indirect=True)
    def test_no_304_after_reading_a_notification(self, as_owner, path):
        etag = get(as_owner, path)["ETag"]
        as_owner.post("/notifications/mark-all-read")
        assert_changed(as_owner, path, etag)

    def test_two_people_have_two_etags(self, as_owner, as_member, challenge):
        assert get(as_owner, "/challenges")["ETag"] != get(as_member, "/challenges")["ETag"]


def assert_changed(api, path, etag):
    response = get(api, path, etag)
    assert response.status_code == 200
    assert response["ETag"] != etag


class TestEverythingElse:
    @pytest.mark.parametrize("route", api_routes(), ids=str)
    def test_it_is_never_stored(self, as_owner, route):
        for method in route.methods:
            response = getattr(as_owner, method)(route.path())
            is_conditional = method == "get" and response.status_code == 200 and "ETag" in response
            assert response["Cache-Control"] == ("private, no-cache" if is_conditional else "no-store")

    def test_only_the_contracts_reads_have_an_etag(self, as_owner, challenge):
        found = set()
        for route in api_routes():
            if "get" in route.methods:
                response = as_owner.get(route.path(str(challenge.id)))
                found |= {route.path("{id}").removeprefix("/api/v1")} if "ETag" in response else set()
        assert found == PATHS

    def test_tokens_are_never_stored(self, anonymous, as_owner, owner):
        for answer in self.granted(anonymous, as_owner, owner):
            assert answer.json()["access_token"]
            assert (answer["Cache-Control"], "ETag" in answer) == ("no-store", False)

    def granted(self, anonymous, as_owner, owner):
        login = anonymous.post("/auth/login", {"email": owner.email, "password": "password"})
        refresh = {"refresh_token": login.json()["refresh_token"]}
        change = {"current_password": "password", "new_password": "an0ther secret"}
        yield login
        yield anonymous.post("/auth/signup", SIGNUP)
        yield anonymous.post("/auth/refresh", refresh)
        yield as_owner.post("/auth/password", change)

    @pytest.mark.parametrize("path", ["/challenges?page=0", "/challenges/discover?limit=x", "/notifications?cursor=x"])
    def test_a_refusal_of_a_conditional_read_is_never_stored(self, as_owner, path):
        response = get(as_owner, path, "*")
        assert (response.status_code, response["Cache-Control"], "ETag" in response) == (422, "no-store", False)

    def test_a_missing_challenge_is_not_known_by_a_star(self, as_owner):
        response = get(as_owner, "/challenges/00000000-0000-0000-0000-00000000dead", "*")
        assert (response.status_code, response["Cache-Control"]) == (404, "no-store")

    def test_a_write_knows_no_condition(self, as_owner):
        etag = as_owner.get("/users/me")["ETag"]
        response = as_owner.patch("/users/me", {"bio": "x"}, headers={"If-None-Match": etag})
        assert (response.status_code, "ETag" in response) == (200, False)
