"""Single flight: of threads that need one thing at one time, one makes it."""

import threading
import time

import pytest

from apps.accounts.tests.people import at_once
from apps.core import cache, cache_server
from apps.core.cache_values import Fresh, Key, Kind
from apps.core.flights import Flights
from apps.core.tests import valkey

KEY = Key(Kind("test", 60), "one", ("t:x:1",))
CROWD = 100


@pytest.fixture
def patient_engine(settings, monkeypatch):
    """However busy the machine is, the server does not count as slow."""
    monkeypatch.setattr(cache_server, "SILENT_SECONDS", 30)
    with valkey.of_its_own() as own, valkey.engine_on(own, settings, timeout=30):
        yield


class Made:
    """Something that is made when `may_land` is set, and counts how often."""

    def __init__(self, error: Exception | None = None):
        self.started, self.may_land, self.count, self.error = threading.Event(), threading.Event(), 0, error

    def __call__(self):
        self.count += 1
        self.started.set()
        assert self.may_land.wait(10)
        if self.error:
            raise self.error
        return self


@pytest.fixture
def flights():
    return Flights(patience=10)


def followers_of(flights, key, make, count, **options) -> list:
    """What `count` threads get that come while the first one makes it."""
    answers = []

    def follow():
        make.started.wait(10)
        answers.append(flights.take(key, make, **options))

    threads = [threading.Thread(target=follow) for _ in range(count)]
    for thread in threads:
        thread.start()
    threading.Timer(0.1, make.may_land.set).start()
    assert flights.take(key, make) == (make, False)
    for thread in threads:
        thread.join()
    return answers


class TestColdReaders:
    def test_a_hundred_at_once_load_once(self, patient_engine):
        looked, loads = threading.Barrier(CROWD), []

        def load() -> Fresh:
            loads.append(1)
            return Fresh(b"{}")

        def read() -> bytes:
            snapshot = cache.look(KEY)
            looked.wait(30)  # all of them have found nothing
            return snapshot.get(KEY, load).body

        assert at_once(*[read] * CROWD) == [b"{}"] * CROWD
        assert len(loads) == 1

    def test_who_holds_other_tokens_loads_again(self):
        before = cache.look(KEY)
        assert before.get(KEY, lambda: Fresh(b"old")).body == b"old"
        cache.server.forget({cache.settings.CACHE_PREFIX + "t:x:1"})
        assert cache.look(KEY).get(KEY, lambda: Fresh(b"new")).body == b"new"

    def test_who_holds_other_tokens_does_not_wait_for_a_flight_under_way(self):
        old, inside, may_land = cache.look(KEY), threading.Event(), threading.Event()

        def slow() -> Fresh:
            inside.set()
            may_land.wait(10)
            return Fresh(b"old")

        leader = threading.Thread(target=old.get, args=(KEY, slow))
        leader.start()
        inside.wait(10)
        cache.server.forget({cache.settings.CACHE_PREFIX + "t:x:1"})
        assert cache.look(KEY).get(KEY, lambda: Fresh(b"new")).body == b"new"
        may_land.set()
        leader.join()
        # What the slow one has stored over it was made under tokens that are gone.
        assert cache.look(KEY).get(KEY, lambda: Fresh(b"newest")).body == b"newest"


class TestFollowers:
    def test_they_take_what_the_first_one_makes(self, flights):
        make = Made()
        assert followers_of(flights, "key", make, 20) == [(make, True)] * 20
        assert make.count == 1

    def test_after_the_landing_the_next_one_leads(self, flights):
        assert [flights.take("key", made) for made in (str, int)] == [("", False), (0, False)]

    def test_who_looked_before_the_landing_follows_after_it(self, flights):
        looked = time.perf_counter()
        flights.take("key", lambda: 1)
        assert flights.take("key", lambda: 2, since=looked) == (1, True)
        assert flights.take("key", lambda: 3, since=time.perf_counter()) == (3, False)

    def test_other_keys_do_not_meet(self, flights):
        looked = time.perf_counter()
        assert [flights.take(key, lambda: 1, since=looked)[1] for key in "ab"] == [False, False]

    def test_landed_flights_are_forgotten(self, flights, monkeypatch):
        monkeypatch.setattr("apps.core.flights.MOST_REMEMBERED", 10)
        for number in range(50):
            flights.take(number, str)
        assert list(flights.known) == list(range(40, 50))

    def test_impatient_ones_make_it_themselves(self):
        flights, slow, inside = Flights(patience=0.01), threading.Event(), threading.Event()
        leader = threading.Thread(target=flights.take, args=("key", lambda: inside.set() or slow.wait(10)))
        leader.start()
        inside.wait(10)
        assert flights.take("key", lambda: "own") == ("own", False)
        slow.set()
        leader.join()


class TestFailingLeader:
    def test_its_error_stays_with_it(self, flights):
        make, answers = Made(error=ValueError("no")), []

        def lead():
            with pytest.raises(ValueError, match="no"):
                flights.take("key", make)

        def follow():
            answers.append(flights.take("key", lambda: "own"))

        threads = [threading.Thread(target=lead)]
        threads[0].start()
        make.started.wait(10)
        threads += [threading.Thread(target=follow) for _ in range(3)]
        for thread in threads[1:]:
            thread.start()
        make.may_land.set()
        for thread in threads:
            thread.join()
        assert answers[0][0] == "own" and len(answers) == 3
        assert flights.take("key", lambda: "next") == ("next", False)

    def test_nothing_is_stored(self):
        with pytest.raises(ZeroDivisionError):
            cache.look(KEY).get(KEY, lambda: 1 / 0)
        assert cache.look(KEY).values[KEY] is None
