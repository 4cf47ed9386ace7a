"""Limits a minute: what is counted, for whom, and what a refused call is told."""

import threading
from itertools import pairwise

import pytest
from django_redis import get_redis_connection

from apps import testing
from apps.accounts.authentication import load_principal
from apps.accounts.cache import facts, principal
from apps.core import cache, throttles
from apps.core.tests import openapi
from apps.core.tests.routes import api_routes
from apps.profiling.tests.counting import counting

pytestmark = pytest.mark.django_db
LOG_INS = {"auth/signup", "auth/login", "auth/refresh", "auth/password"}
JOINS = {"challenges/join", "challenges/<str:challenge_id>/join"}


@pytest.fixture(autouse=True)
def enabled(settings):
    """A minute of three calls, of which two may log in or join."""
    settings.THROTTLE_ENABLED = True
    settings.THROTTLE_DEFAULT, settings.THROTTLE_AUTH, settings.THROTTLE_JOIN = 3, 2, 2


def statuses(call, times: int) -> list[int]:
    return [call().status_code for _ in range(times)]


def counters(settings) -> dict[str, int]:
    """By what stands after the test's own prefix."""
    redis, prefix = get_redis_connection("throttles"), f"{settings.CACHE_PREFIX}throttle:"
    keys = redis.keys(f"{prefix}*")
    return {key.decode().removeprefix(prefix): int(redis.get(key)) for key in keys}


class TestLimit:
    def test_it_works(self, as_owner):
        assert statuses(lambda: as_owner.get("/habits"), 5) == [200, 200, 200, 429, 429]
        refused = as_owner.get("/habits")
        assert refused.json() == {"detail": "Too many requests. Try again later.", "code": "throttled"}
        assert 1 <= int(refused["Retry-After"]) <= 60

    def test_it_says_how_much_is_left(self, as_owner):
        answers = [as_owner.get("/habits") for _ in range(4)]
        assert [answer["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
        assert {answer["RateLimit-Limit"] for answer in answers} == {"3"}
        assert all(1 <= int(answer["RateLimit-Reset"]) <= 60 for answer in answers)
        assert [("Retry-After" in answer.headers) for answer in answers] == [False, False, False, True]

    def test_users_are_independent(self, as_owner, as_member):
        statuses(lambda: as_owner.get("/habits"), 4)
        assert as_member.get("/habits").status_code == 200

    def test_every_call_counts_also_one_that_fails(self, as_owner):
        assert as_owner.post("/habits", {}).status_code == 422
        assert as_owner.put("/habits", {}).status_code == 405
        assert as_owner.get(f"/challenges/{testing.HABITS[0]}").status_code == 404
        assert as_owner.get("/habits").status_code == 429

    def test_without_a_user_the_address_counts(self, anonymous, settings):
        settings.THROTTLE_AUTH = 9
        login = {"email": "nobody@example.com"}
        assert statuses(lambda: anonymous.post("/auth/login", login), 4) == [422, 422, 422, 429]

    def test_it_is_off_when_it_is_switched_off(self, as_owner, settings):
        settings.THROTTLE_ENABLED = False
        as_owner.get("/users/me")
        with counting() as found:
            assert statuses(lambda: as_owner.get("/users/me"), 5) == [200] * 5
        assert found.redis == 5
        assert not any(name.startswith("RateLimit") for name in as_owner.get("/users/me").headers)


class TestWindow:
    @pytest.fixture(autouse=True)
    def short(self, monkeypatch, settings):
        monkeypatch.setattr(throttles, "WINDOW_MS", 600)
        settings.THROTTLE_DEFAULT = 2

    def wait(self, milliseconds: int) -> None:
        threading.Event().wait(milliseconds / 1000)

    def test_it_begins_with_the_first_call_and_refused_ones_do_not_prolong_it(self, as_owner, settings):
        redis = get_redis_connection("throttles")
        call = lambda: as_owner.get("/users/me")  # noqa: E731
        assert statuses(call, 2) == [200, 200]
        (key,) = redis.keys(f"{settings.CACHE_PREFIX}throttle:*")
        left = []
        while redis.exists(key) and call().status_code != 200:
            left.append(redis.pttl(key))
            self.wait(40)
        assert len(left) > 3 and all(later < earlier for earlier, later in pairwise(left) if later > 0)
        self.wait(60)
        assert int(redis.get(key) or 0) <= 2

    def test_a_new_one_has_all_its_calls(self, as_owner):
        call = lambda: as_owner.get("/users/me")  # noqa: E731
        assert statuses(call, 3) == [200, 200, 429]
        self.wait(650)
        assert statuses(call, 3) == [200, 200, 429]


class TestScopes:
    def test_each_covers_its_calls_and_no_others(self):
        scopes = {
            (route.pattern.removeprefix("api/v1/"), method): scope.name
            for route in api_routes()
            for method, scope in getattr(route.view, "throttled", {}).items()
        }
        assert {path for (path, method), name in scopes.items() if name == "auth" and method == "POST"} == LOG_INS
        assert {path for (path, method), name in scopes.items() if name == "join" and method == "POST"} == JOINS
        assert set(scopes) >= {(path, "POST") for path in LOG_INS | JOINS}

    def test_log_ins_of_one_address_are_few(self, anonymous, owner):
        login = {"email": owner.email, "password": "password"}
        answers = [anonymous.post("/auth/login", login) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].json()["code"] == "throttled"
        assert anonymous.post("/auth/refresh", {"refresh_token": "x"}).status_code == 429

    def test_a_call_that_one_refuses_counts_in_none(self, anonymous, settings):
        assert statuses(lambda: anonymous.post("/auth/login", {}), 5) == [422, 422, 429, 429, 429]
        assert counters(settings) == {"default:127.0.0.1": 2, "auth:127.0.0.1": 2}

    def test_a_password_change_counts_for_the_address_and_for_the_user(self, as_owner, owner, settings):
        as_owner.post("/auth/password", {})
        assert counters(settings) == {f"default:{owner.id.hex}": 1, "auth:127.0.0.1": 1}

    def test_both_ways_to_join_share_one(self, as_owner, settings):
        settings.THROTTLE_DEFAULT = 9
        calls = ["/challenges/join", f"/challenges/{testing.HABITS[0]}/join", "/challenges/join"]
        assert [as_owner.post(path, {}).status_code for path in calls] == [422, 404, 429]
        assert as_owner.get("/challenges/join").status_code == 405
        assert as_owner.get("/habits").status_code == 200

    def test_the_nearest_is_told(self, as_owner, settings):
        settings.THROTTLE_DEFAULT = 9
        answer = as_owner.post("/challenges/join", {})
        assert (answer["RateLimit-Limit"], answer["RateLimit-Remaining"]) == ("2", "1")

    @pytest.mark.parametrize(
        "path", ["/", "/health", "/health/live", "/health/ready", "/api/v1", "/docs", "/api/v1/nothing"]
    )
    def test_what_is_no_call_of_the_api_is_free(self, path, anonymous, settings):
        assert 429 not in {anonymous.http.get(path).status_code for _ in range(5)}
        assert counters(settings) == {}

    def test_a_preflight_is_free(self, anonymous, settings):
        asked = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
        assert {anonymous.options("/auth/login", headers=asked).status_code for _ in range(5)} == {200}
        assert counters(settings) == {}


class TestOrder:
    """401 before 429, 429 before everything else, and no SQL for it."""

    @pytest.mark.parametrize("method", ["get", "post", "options"])
    @pytest.mark.parametrize("is_known", [True, False])
    def test_a_refused_call_makes_no_sql(self, method, is_known, as_owner, settings):
        statuses(lambda: as_owner.post("/habits", {}), 3)
        cache.server.forget({settings.CACHE_PREFIX + facts(as_owner.user.id)})
        if is_known:
            know(as_owner.user)
        with counting() as found:
            assert getattr(as_owner, method)("/habits").status_code == 429
        assert found.statements == []
        assert found.redis == 2

    def test_without_a_token_it_is_401(self, anonymous, settings):
        assert statuses(lambda: anonymous.get("/habits"), 5) == [401] * 5
        assert counters(settings) == {}

    @pytest.mark.parametrize("is_known", [True, False])
    def test_with_a_token_that_was_revoked_it_is_401_and_not_counted(self, is_known, owner, settings):
        """Or somebody who has found it could keep its owner out."""
        gone, api = testing.Api(owner), testing.Api(owner)
        gone.post("/auth/logout")
        settings.THROTTLE_DEFAULT = 4
        for _ in range(6):
            cache.server.forget({settings.CACHE_PREFIX + facts(owner.id)})
            if is_known:
                know(owner)
            assert gone.post("/habits", {}).status_code == 401
        assert counters(settings) == {f"default:{owner.id.hex}": 1}
        assert statuses(lambda: api.get("/habits"), 3) == [200] * 3

    def test_before_anything_else_is_looked_at(self, as_owner):
        statuses(lambda: as_owner.get("/habits"), 3)
        assert as_owner.raw("TRACE", "/habits").status_code == 429
        assert as_owner.raw("POST", "/habits", b"{", "text/plain").status_code == 429
        assert as_owner.get("/challenges/nothing").status_code == 429
        assert as_owner.get("/habits", headers={"Accept": "image/png"}).status_code == 406
        assert as_owner.get("/nothing").status_code == 404

    def test_a_warm_read_takes_one_more_round_trip(self, as_owner):
        as_owner.get("/users/me")
        with counting() as found:
            assert as_owner.get("/users/me").status_code == 200
        assert (found.statements, found.redis) == ([], 2)


class TestAddress:
    @pytest.mark.parametrize(
        ("proxies", "forwarded", "expected"),
        [
            (0, "1.1.1.1", "9.9.9.9"),
            (1, "1.1.1.1", "1.1.1.1"),
            (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
            (2, "6.6.6.6, 1.1.1.1, 10.0.0.1", "1.1.1.1"),
            (2, "1.1.1.1", "9.9.9.9"),
            (1, "", "9.9.9.9"),
            (1, "rubbish", "9.9.9.9"),
            (1, "x" * 30_000, "9.9.9.9"),
            (1, "2001:DB8:0:0::1", "2001:db8::1"),
            (1, "::ffff:1.1.1.1", "1.1.1.1"),
        ],
    )
    def test_it_is_the_one_that_our_own_proxies_saw(self, proxies, forwarded, expected, settings, rf):
        settings.TRUSTED_PROXY_COUNT = proxies
        request = rf.get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR="9.9.9.9")
        assert throttles.address_of(request) == expected

    def test_a_client_cannot_choose_another(self, anonymous, settings):
        settings.TRUSTED_PROXY_COUNT = 1
        headers = [{"X-Forwarded-For": f"{number}.2.3.4, 7.7.7.7"} for number in range(3)]
        answers = [anonymous.post("/auth/login", {}, headers=one) for one in headers]
        assert [answer.status_code for answer in answers] == [422, 422, 429]


class TestDocumentation:
    def test_every_call_of_the_api_says_it(self):
        for path, methods in openapi.document()["paths"].items():
            for method, operation in methods.items():
                counted = path.startswith("/api/v1/")
                assert ("429" in operation["responses"]) is counted, f"{method} {path}"
                assert not counted or "Retry-After" in operation["responses"]["429"]["headers"]

    def test_a_refusal_is_as_documented(self, as_owner):
        statuses(lambda: as_owner.get("/habits"), 3)
        schema = openapi.answer_schema("GET", "/api/v1/habits", 429)
        assert openapi.violation(as_owner.get("/habits").json(), schema, exact=True) is None


def know(user) -> None:
    """Takes the principal into the cache, as a read does."""
    cache.look(key := principal(user.id)).get(key, lambda: load_principal(user.id))
