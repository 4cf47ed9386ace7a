"""Many calls at once, in threads and in processes; and the counters stopped, hung, emptied and spoiled."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from uuid import UUID

import pytest

from apps import testing
from apps.accounts.tests.people import at_once
from apps.core import throttles
from apps.core.cache_numbers import total
from apps.core.errors import ApiError
from apps.core.models import uuid7
from apps.core.tests import valkey
from apps.core.tests.valkey import TIMEOUT, wait_until

CALLS, LIMIT, ROUNDS, PROCESSES, THREADS = 60, 10, 3, 2, 12
PATIENT = 5.0  # so that a busy machine does not seem to be a server that hangs
SOMEBODY = UUID("01999999-0000-7000-8000-000000000001")
# A process that makes its share of the calls in threads, for each user whose id it is told.
CALLER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID
from django.conf import settings
from django.test import RequestFactory
from apps.core import throttles
from apps.core.errors import ApiError

settings.CACHE_PREFIX, settings.THROTTLE_DEFAULT, calls = sys.argv[1], 10, range(int(sys.argv[2]))
for name in ("SOCKET_CONNECT_TIMEOUT", "SOCKET_TIMEOUT"):
    settings.CACHES["throttles"]["OPTIONS"][name] = 5.0
throttles.server.silent_seconds = 5.0
request = RequestFactory().get("/api/v1/habits")

def passes(user_id):
    try:
        return throttles.count(request, user_id) is not None
    except ApiError:
        return False

throttles.server.ask(("PING",))
print("ready", flush=True)
with ThreadPoolExecutor(5) as threads:
    for line in sys.stdin:
        print(sum(threads.map(passes, [UUID(line.strip()) for _ in calls])), flush=True)
"""


@pytest.fixture(autouse=True)
def enabled(settings):
    settings.THROTTLE_ENABLED, settings.THROTTLE_DEFAULT = True, LIMIT


@pytest.fixture
def server(own, settings):
    with valkey.counters_on(own, settings) as server:
        yield server


@pytest.fixture
def patient_server(own, settings):
    with valkey.counters_on(own, settings, timeout=PATIENT) as server:
        yield server


@pytest.fixture
def call(rf):
    request = rf.get("/api/v1/habits")

    def call() -> int | None:
        """How many calls are left; None when it was not counted, -1 when it was refused."""
        try:
            allowance = throttles.count(request, SOMEBODY)
        except ApiError as error:
            assert error.code == "throttled"
            return -1
        return allowance.remaining if allowance else None

    return call


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_ten_of_sixty_pass__hc36(self, patient_server):
        for _ in range(ROUNDS):
            user = testing.make_user()
            apis = [testing.Api(user) for _ in range(THREADS)]
            answers = sorted(status for statuses in at_once(*map(sharing, apis)) for status in statuses)
            assert answers == [200] * LIMIT + [429] * (CALLS - LIMIT)

    def test_ten_of_sixty_pass_in_several_processes__hc36(self, settings):
        arguments = [settings.CACHE_PREFIX, str(CALLS // PROCESSES)]
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "darezone.settings"}
        command = [sys.executable, "-c", CALLER, *arguments]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": settings.BASE_DIR}
        with contextlib.ExitStack() as running:
            callers = [
                running.enter_context(subprocess.Popen(command, env=environment, **pipes)) for _ in range(PROCESSES)
            ]
            running.callback(lambda: [caller.kill() for caller in callers])
            assert [caller.stdout.readline() for caller in callers] == ["ready\n"] * PROCESSES
            passed = [sum(shares(callers, uuid7())) for _ in range(ROUNDS)]
        assert passed == [LIMIT] * ROUNDS


def sharing(api: testing.Api) -> Callable[[], list[int]]:
    """One thread's share of the calls."""
    return lambda: [api.get("/users/me").status_code for _ in range(CALLS // THREADS)]


def shares(callers: list[subprocess.Popen], user_id: UUID) -> list[int]:
    """How many calls of the user passed in each process; all begin at once."""
    for caller in callers:
        caller.stdin.write(f"{user_id}\n")
        caller.stdin.flush()
    return [int(caller.stdout.readline()) for caller in callers]


class TestEmptied:
    def test_emptying_the_cache_frees_nobody(self, own, server, call):
        assert [call() for _ in range(LIMIT)] == list(range(LIMIT - 1, -1, -1))
        with own.client() as cache:  # of database 0
            cache.flushdb()
        assert call() == -1

    def test_a_server_that_has_lost_its_scripts_is_told_them_again(self, own, server, call):
        call()
        with own.client() as client:
            client.script_flush()
        answers = at_once(*[call] * 5)
        assert sorted(answers) == [LIMIT - 6, LIMIT - 5, LIMIT - 4, LIMIT - 3, LIMIT - 2]
        assert server.breaker.failures == 0 and not server.breaker.is_open

    @pytest.mark.parametrize("rubbish", [("SET", "x"), ("SET", "1.5"), ("RPUSH", "7"), ("SET", "")])
    def test_rubbish_in_a_key_counts_as_nothing__hc52(self, rubbish, own, server, call):
        call()
        with own.client() as client:
            client.select(1)
            (key,) = client.keys("*throttle*")
            client.delete(key)
            client.execute_command(rubbish[0], key, rubbish[1])
        assert [call(), call()] == [LIMIT - 1, LIMIT - 2]
        assert not server.breaker.failures

    def test_a_counter_without_an_end_is_given_one(self, own, server, call):
        call()
        with own.client() as client:
            client.select(1)
            (key,) = client.keys("*throttle*")
            client.set(key, LIMIT)
            assert call() == -1
            assert 0 < client.pttl(key) <= throttles.WINDOW_MS


class TestAway:
    def test_every_call_passes_and_one_line_says_so__hc50(self, own, server, call, caplog):
        own.stop()
        uncounted = total(throttles.UNCOUNTED)
        assert [call() for _ in range(3 * LIMIT)] == [None] * 3 * LIMIT
        assert server.breaker.is_open
        assert [record.getMessage() for record in caplog.records if record.name == "darezone.throttles"] == [
            "The counters are away: calls pass uncounted."
        ]
        assert total(throttles.UNCOUNTED) == uncounted + 3 * LIMIT

    def test_it_counts_again_when_they_are_back(self, own, server, call):
        own.stop()
        assert [call() for _ in range(4)] == [None] * 4
        own.start()
        wait_until(lambda: not server.breaker.is_open)
        assert [call() for _ in range(LIMIT + 1)] == [*range(LIMIT - 1, -1, -1), -1]

    def test_a_server_that_hangs_delays_three_calls__hc51(self, own, server, call):
        call()

        def slow_ones() -> int:
            waited = []
            for _ in range(10):
                before = server.seconds
                assert call() is None
                waited.append(server.seconds - before)
            return sum(seconds > 0.9 * TIMEOUT for seconds in waited)

        own.hang()
        try:
            assert 1 <= sum(at_once(*[slow_ones] * 6)) <= 3
        finally:
            own.go_on()

    @pytest.mark.django_db
    def test_requests_are_answered__hc50(self, own, server, as_owner):
        own.stop()
        answers = [as_owner.get("/users/me") for _ in range(LIMIT + 5)]
        assert {answer.status_code for answer in answers} == {200}
        assert not any("RateLimit-Limit" in answer.headers for answer in answers)
