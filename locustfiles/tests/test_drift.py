import random

from locustfiles import drift
from locustfiles.arrivals import moments
from locustfiles.record import Sample


def run(ms, *, seconds: int = 400, each: float = 0.25) -> list[Sample]:
    return [
        Sample(at * each, "GET /api/v1/users/me", ms(at * each), 200, "", "measured")
        for at in range(int(seconds / each))
    ]


def memory(mb, *, seconds: int = 400) -> list[tuple[float, float]]:
    return [(float(at), mb(at)) for at in range(0, seconds, 5)]


class TestDrift:
    def test_it_works(self):
        found = drift.between_quarters(run(lambda at: 20.0), memory(lambda at: 300.0))
        assert found == {"p95_ms": [20.0, 20.0], "memory_mb": [300.0, 300.0]}
        assert drift.slower(found) + drift.grown(found) == []

    def test_a_leak_is_told(self):
        found = drift.between_quarters(run(lambda at: 20.0), memory(lambda at: 300.0 + at / 2))
        assert drift.slower(found) == []
        assert drift.grown(found) == [
            "memory of the server went from 324 MB in the first quarter to 474 MB in the last"
        ]

    def test_slower_and_slower_is_told(self):
        found = drift.between_quarters(run(lambda at: 20.0 + at / 4), memory(lambda at: 300.0))
        assert drift.grown(found) == []
        assert drift.slower(found)[0].startswith("p95 of all requests went from 44 ms")

    def test_small_steps_are_nothing(self):
        found = drift.between_quarters(run(lambda at: 20.0 + at / 40), memory(lambda at: 300.0 + at / 20))
        assert drift.slower(found) + drift.grown(found) == []

    def test_set_up_does_not_count(self):
        slow = [sample._replace(route=f"setup: {sample.route}", ms=900.0) for sample in run(lambda at: 20.0)]
        assert drift.between_quarters([*run(lambda at: 20.0), *slow], [])["p95_ms"] == [20.0, 20.0]

    def test_too_little_says_nothing(self):
        found = drift.between_quarters(run(lambda at: 20.0 + at, seconds=100), [])
        assert found == {"p95_ms": None, "memory_mb": None}
        assert drift.slower(found) + drift.grown(found) == []


class TestMoments:
    def test_they_come_at_the_rate(self):
        found = [next(made) for made in [moments(50, 1000.0, random.Random(1))] for _ in range(5000)]
        assert found == sorted(found)
        assert 95 < found[-1] - 1000.0 < 105

    def test_gaps_are_of_any_length(self):
        """The gaps of a Poisson process spread as much as they are long; those of a metronome not at all."""
        made = moments(10, 0.0, random.Random(2))
        found = [next(made) for _ in range(4000)]
        gaps = [after - before for before, after in zip(found, found[1:], strict=False)]
        mean = sum(gaps) / len(gaps)
        spread = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
        assert 0.9 < spread / mean < 1.1
