"""The breaker, and what happens to invalidations while it is open."""

import threading

import pytest
from redis.exceptions import ConnectionError

from apps.core import cache, cache_server
from apps.core.breaker import Breaker
from apps.core.cache_numbers import LOST, OPEN, total
from apps.core.cache_server import CacheServer, Unavailable
from apps.core.cache_values import Fresh, Key, Kind
from apps.core.tests.valkey import wait_until

PAUSE = 0.02


class Broken(CacheServer):
    """A server behind a cut cable; it notes what it is told once that is mended."""

    def __init__(self):
        super().__init__(pause=PAUSE)
        self.is_cut, self.heard = True, []

    def exchange(self, commands):
        self.heard.append((threading.current_thread().name, self.is_cut, *commands))
        if self.is_cut:
            raise ConnectionError("cut")
        return [b"" for _ in commands]

    def told(self) -> list[tuple]:
        """What it has heard since the cable is mended."""
        return [commands[0] for _, was_cut, *commands in self.heard if not was_cut]

    def is_mended(self) -> None:
        self.is_cut = False
        wait_until(lambda: not self.breaker.is_open)


@pytest.fixture
def server():
    server = Broken()
    yield server
    server.breaker.is_open = False


def fail(server: CacheServer, times: int) -> None:
    for _ in range(times):
        with pytest.raises(Unavailable):
            server.ask(("GET", "x"))


class TestOpening:
    def test_three_failures_open_it(self, server):
        fail(server, 2)
        assert not server.breaker.is_open
        fail(server, 1)
        assert server.breaker.is_open

    def test_only_failures_in_a_row_count(self, server):
        fail(server, 2)
        server.is_cut = False
        server.ask(("GET", "x"))
        server.is_cut = True
        fail(server, 2)
        assert not server.breaker.is_open

    def test_while_it_is_open_no_request_asks(self, server):
        fail(server, 20)
        threads = [name for name, *_ in server.heard]
        assert threads.count(threading.current_thread().name) == 3
        assert set(threads) <= {threading.current_thread().name, "cache-breaker"}

    def test_a_thread_of_its_own_closes_it(self, server):
        fail(server, 3)
        server.is_mended()
        assert server.ask(("GET", "x")) == [b""]
        assert server.told()[0] == ("PING",)

    def test_after_closing_it_counts_anew(self, server):
        fail(server, 3)
        server.is_mended()
        server.is_cut = True
        fail(server, 2)
        assert not server.breaker.is_open


class TestLostInvalidations:
    def test_one_opens_it_at_once(self, server):
        before = total(LOST)
        server.forget({"t:u:1", "t:u:2"})
        assert server.breaker.is_open
        assert total(LOST) == before + 2

    def test_they_are_deleted_before_it_closes(self, server):
        server.forget({"t:u:1"})
        server.forget({"t:u:2"})
        server.is_mended()
        command, *names = server.told()[0]
        assert (command, set(names), server.lost) == ("DEL", {"t:u:1", "t:u:2"}, set())

    def test_those_that_come_while_it_recovers_keep_it_open(self, server):
        def lose_another(commands):
            if commands == [("DEL", "t:u:1")] and not server.is_cut:
                server.forget({"t:u:2"})
            return original(commands)

        original, server.exchange = server.exchange, lose_another
        server.forget({"t:u:1"})
        server.is_mended()
        assert [("DEL", "t:u:1"), ("DEL", "t:u:2")] == server.told()

    def test_a_recovery_that_fails_keeps_them(self, server):
        server.forget({"t:u:1"})
        wait_until(lambda: sum(name == "cache-breaker" for name, *_ in server.heard) > 2)
        assert server.lost == {"t:u:1"} or server.breaker.is_open
        server.is_mended()
        assert server.told()[0] == ("DEL", "t:u:1")

    def test_who_lost_too_many_empties_the_cache(self, server, monkeypatch):
        monkeypatch.setattr(cache_server, "MOST_LOST", 5)
        for number in range(20):
            server.forget({f"t:u:{number}"})
        assert len(server.lost) == 6
        server.is_mended()
        assert server.told()[0] == ("FLUSHDB",)


class TestRecovery:
    def test_one_thread_at_a_time_tries(self):
        """A second one would close the breaker while the first is still deleting what was lost."""
        trying, most = [], []

        def recover():
            trying.append(1)
            most.append(len(trying))
            threading.Event().wait(0.03)
            trying.pop()
            breaker.close_unless(lambda: False)
            breaker.open("again") if len(most) < 8 else None

        breaker = Breaker(recover, pause=0.01)
        breaker.open("a test")
        wait_until(lambda: len(most) >= 8 and not breaker.is_open)
        threading.Event().wait(0.1)
        assert max(most) == 1

    def test_the_gauge_counts_open_breakers(self, server):
        before = total(OPEN)
        for _ in range(3):
            fail(server, 3)
            assert total(OPEN) == before + 1
            server.is_mended()
            server.is_cut = True
        assert total(OPEN) == before


class TestEngineWithoutItsServer:
    def test_it_loads_and_asks_nobody(self, monkeypatch):
        server = Broken()
        monkeypatch.setattr(cache, "server", server)
        key = Key(Kind("test", 60), "one", ("t:x:1",))
        for _ in range(10):
            assert cache.look(key).get(key, lambda: Fresh(b"{}")).body == b"{}"
        assert sum(name != "cache-breaker" for name, *_ in server.heard) == 3
        server.is_mended()
