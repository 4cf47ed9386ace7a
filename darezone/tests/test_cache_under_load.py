"""The cache server breaks under people who read and write: real processes, with the cache and with limits a minute."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from apps.core.tests import valkey
from darezone.tests import deployment
from darezone.tests.deployment import Load, until
from darezone.tests.test_faults import assert_honest
from darezone.tests.test_server import ask

HUNG_SECONDS = 4


@pytest.fixture(scope="module")
def cache():
    with valkey.of_its_own() as own:
        yield own


@pytest.fixture(scope="module")
def server(database, cache):
    limits = {"THROTTLE_ENABLED": "true", "THROTTLE_DEFAULT": "1000000"}
    with deployment.server(database, workers=2, CACHE_ENABLED="true", REDIS_URL=cache.url, **limits) as started:
        until(lambda: started.listening() == 2)
        yield started


@pytest.fixture
def unseen(database, server):
    """A block in which no call may fail, and no write may happen twice; the service is whole again after it."""
    ann = server.log_in("ann")

    @contextmanager
    def unseen() -> Iterator[Load]:
        with Load(ann) as load:
            pause(0.5)
            yield load
            pause(0.5)
        assert load.statuses("GET") == {200} and load.statuses("POST") == {201}, str(load)
        assert_honest(database, load)
        until(lambda: readiness(server) == "ok")

    return unseen


def readiness(server) -> str:
    status, body = ask(server.port, "/health/ready")
    assert status == 200
    return "degraded" if b"degraded" in body else "ok"


def pause(seconds: float) -> None:
    threading.Event().wait(seconds)


class TestUnderLoad:
    def test_one_that_is_stopped_costs_no_answer__hc50(self, server, cache, unseen):
        with unseen():
            cache.stop()
            pause(1.5)
            assert readiness(server) == "degraded"
            cache.start()

    def test_one_that_hangs_costs_no_answer__hc51(self, server, cache, unseen):
        with unseen() as load:
            cache.hang()
            pause(1)
            before = len(load.answers)
            pause(HUNG_SECONDS - 1)
            answered = len(load.answers) - before
            assert readiness(server) == "degraded"
            cache.go_on()
        assert answered > 3 * 4, "each of the four goes on: nobody waits for the server any more"

    def test_one_that_is_emptied_or_spoiled_costs_no_answer__hc52(self, cache, unseen):
        with unseen(), cache.client() as client:
            for _ in range(5):
                client.flushall()
                pause(0.1)
                assert spoiled(client) > 0
                pause(0.1)


def spoiled(client) -> int:
    """How many keys hold rubbish now."""
    keys = []
    for number in (0, 1):  # what is cached, and the counters
        client.select(number)
        keys += [client.set(key, b"\x00\xff rubbish") for key in client.keys("*")]
    return len(keys)
