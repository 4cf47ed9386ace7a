"""The cache server stopped, hung, emptied and filled with rubbish under a running service (hard cases 50-53)."""

import threading
import time
from datetime import timedelta

import pytest

from apps import testing
from apps.accounts import services
from apps.accounts.tests.people import at_once
from apps.core import cache, clock, throttles
from apps.core.cache_numbers import LOST, total
from apps.core.cache_server import CacheServer
from apps.core.tests import valkey
from apps.core.tests.valkey import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
READS = ["/users/me", "/users/me/stats", "/auth/me", "/challenges", "/challenges/discover", "/habits"]
READS += ["/notifications/unread/count"]
THREADS, SLOW = 8, 0.09


@pytest.fixture
def server(own, settings):
    with valkey.engine_on(own, settings) as server:
        yield server


@pytest.fixture
def counters(own, settings):
    """Of throttles, with the patience that is shipped: on the same server, asked after the cache."""
    with valkey.counters_on(own, settings, timeout=0.25) as counters:
        counters.silent_seconds = throttles.Counters.silent_seconds
        yield counters


def read_all(api) -> dict[str, bytes]:
    answers = {path: api.get(path) for path in READS}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {path: answer.content for path, answer in answers.items()}


def rename(api, name: str) -> None:
    assert api.patch("/users/me", {"display_name": name}).status_code == 200


def shown_name(api) -> str:
    return api.get("/users/me").json()["display_name"]


def recover(server: CacheServer) -> None:
    wait_until(lambda: not server.breaker.is_open)


class TestStopped:
    def test_everything_answers__hc50(self, own, server, challenge, as_owner, as_member):
        before = read_all(as_member)
        own.stop()
        assert read_all(as_member) == before
        rename(as_member, "Maxine")
        assert as_owner.patch(f"/challenges/{challenge.pk}", {"name": "Moved"}).status_code == 200
        assert shown_name(as_member) == "Maxine"
        assert as_member.get("/challenges").json()["challenges"][0]["name"] == "Moved"
        assert as_member.post(f"/challenges/{challenge.pk}/leave").status_code == 200
        assert as_member.get("/challenges").json()["total"] == 0
        own.start()
        recover(server)
        assert as_member.get("/challenges").json()["total"] == 0

    def test_the_service_is_ready_and_says_degraded__hc50(self, own, server, anonymous):
        own.stop()
        ready = anonymous.get("/health/ready")
        assert ready.status_code == 200
        assert "degraded" in ready.content.decode()

    def test_with_the_breaker_open_nobody_waits__hc50(self, own, server, as_owner):
        own.stop()
        for _ in range(3):
            read_all(as_owner)
        assert server.breaker.is_open
        trips = server.trips
        read_all(as_owner)
        assert server.trips == trips

    def test_a_restart_between_two_requests_is_not_noticed(self, own, server, as_owner):
        before = read_all(as_owner)
        own.stop()
        own.start()
        assert read_all(as_owner) == before
        assert not server.breaker.is_open and server.breaker.failures == 0


class TestHung:
    @pytest.mark.parametrize("limited", [False, True])
    def test_at_most_three_requests_are_slow_and_none_fails__hc51(
        self, limited, own, server, counters, settings, challenge, member
    ):
        settings.THROTTLE_ENABLED, settings.THROTTLE_DEFAULT = limited, 10**6
        apis = [testing.Api(member) for _ in range(THREADS)]
        read_all(apis[0])
        is_warm, is_hung, waits = threading.Barrier(THREADS + 1), threading.Event(), []

        def keep_reading(api):
            assert api.get("/users/me").status_code == 200
            is_warm.wait(20)
            is_hung.wait(20)
            waits.extend(self.wait_of_one(api, server, counters) for _ in range(15))

        def hang():
            is_warm.wait(20)
            own.hang()
            is_hung.set()

        try:
            at_once(hang, *[lambda api=api: keep_reading(api) for api in apis])
        finally:
            own.go_on()
        assert len(waits) == 15 * THREADS and 1 <= sum(wait > SLOW for wait in waits) <= 3
        recover(server)
        trips = server.trips
        assert testing.Api(member).get("/users/me").status_code == 200
        assert server.trips > trips

    def wait_of_one(self, api, *servers: CacheServer) -> float:
        """Seconds that a read has waited for them."""
        before = sum(server.seconds for server in servers)
        assert api.get("/users/me").status_code == 200
        return sum(server.seconds for server in servers) - before

    def test_writes_answer_and_are_seen__hc51(self, own, server, as_member):
        read_all(as_member)
        own.hang()
        try:
            started = time.perf_counter()
            for number in range(5):
                rename(as_member, f"Max {number}")
                assert shown_name(as_member) == f"Max {number}"
            assert time.perf_counter() - started < 10 * valkey.TIMEOUT
        finally:
            own.go_on()
        recover(server)
        assert shown_name(as_member) == "Max 4"

    def test_late_replies_are_not_taken_for_others__hc51(self, own, server, as_member):
        """A reply that comes after its time-out belongs to nobody: the connection it would come on is closed."""
        profile, challenges = as_member.get("/users/me").content, as_member.get("/challenges").content
        own.hang()
        as_member.get("/users/me")
        own.go_on()
        assert as_member.get("/challenges").content == challenges
        assert as_member.get("/users/me").content == profile


class TestEmptied:
    def test_it_fills_again__hc52(self, own, server, challenge, as_member):
        before = read_all(as_member)
        with own.client() as client:
            client.flushdb()
            assert read_all(as_member) == before
            assert client.dbsize() > 0
        rename(as_member, "Maxine")
        assert shown_name(as_member) == "Maxine"


class TestRubbish:
    @pytest.mark.parametrize("make", ["string", "list", "number", "part"])
    def test_in_every_key_it_is_a_miss__hc52(self, make, own, server, challenge, as_member):
        before = read_all(as_member)
        with own.client() as client:
            for key in client.keys("*"):
                spoil(client, key, make)
        assert read_all(as_member) == before
        assert not server.breaker.is_open
        rename(as_member, "Maxine")
        assert [shown_name(as_member) for _ in range(2)] == ["Maxine"] * 2

    def test_values_heal__hc52(self, own, server, challenge, as_member, django_assert_num_queries):
        read_all(as_member)
        with own.client() as client:
            for key in client.keys("*:v:*"):
                spoil(client, key, "list")
        read_all(as_member)
        with django_assert_num_queries(1):  # the habits of one's own are not cached
            read_all(as_member)


class TestAwayDuringAnEdit:
    def test_this_process_never_shows_the_old_value__hc53(self, own, server, as_member):
        read_all(as_member)
        own.hang()
        try:
            lost = total(LOST)
            rename(as_member, "Maxine")
            assert total(LOST) == lost + 1
            assert shown_name(as_member) == "Maxine"
        finally:
            own.go_on()
        assert shown_name(as_member) == "Maxine"

    def test_another_process_may_until_the_server_is_back__hc53(self, own, server, settings, member, as_member):
        read_all(as_member)
        with valkey.engine_on(own, settings) as other:
            assert shown_name(as_member) == "Max"
            own.hang()
            try:
                in_process(server, lambda: rename(as_member, "Maxine"))
            finally:
                own.go_on()
            recover(server)
            assert other.breaker.is_open is False
            assert shown_name(as_member) == "Maxine"
            assert in_process(server, lambda: shown_name(as_member)) == "Maxine"

    def test_what_another_process_shows_meanwhile_ends_with_its_time__hc53(self, own, server, settings, member):
        """Lost for good: the writer's process died before the server was back."""
        api = testing.Api(member)
        assert shown_name(api) == "Max"
        with valkey.engine_on(own, settings), pytest.MonkeyPatch.context() as patch:
            patch.setattr(CacheServer, "forget", lambda self, names, **_: None)
            services.update_profile(user_id=member.pk, display_name="Maxine")
        assert shown_name(api) == "Max"
        with clock.standing_at(clock.now() + timedelta(seconds=settings.CACHE_PROFILE_SECONDS)):
            assert shown_name(testing.Api(member)) == "Maxine"


def spoil(client, key: bytes, make: str) -> None:
    stored = client.get(key)
    client.delete(key)
    match make:
        case "string":
            client.set(key, b"\x00\xff rubbish")
        case "list":
            client.rpush(key, "rubbish")
        case "number":
            client.set(key, 7)
        case "part":
            client.set(key, stored[:-1])


def in_process(server: CacheServer, do):
    """`do` as the process that has this engine does it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "server", server)
        return do()
