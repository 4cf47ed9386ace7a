from locustfiles import drift
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
        assert drift.slower(found) + drift.grown(found) + drift.unknown(found) == []

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
        assert drift.unknown(found) == [
            f"{what} of the first and the last quarter: not known" for what in ("p95_ms", "memory_mb")
        ]
