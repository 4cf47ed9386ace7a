import pytest

from locustfiles.samples import Timings, by_route, timings
from locustfiles.tests import runs


class TestTimings:
    def test_it_works(self):
        hundred = Timings(range(1, 101))
        assert [hundred.percentile(percent) for percent in (50, 95, 99, 100)] == [50, 95, 99, 100]

    def test_nothing_has_no_percentile(self):
        assert (Timings().percentile(95), Timings().slowest()) == (None, None)

    @pytest.mark.parametrize("percent", [1, 50, 95, 99])
    def test_one_sample_is_every_percentile(self, percent):
        assert Timings([7.0]).percentile(percent) == 7

    def test_it_tells_199_from_200_and_from_201(self):
        """Locust's own statistics say 200 to each of these."""
        assert [Timings([ms]).percentile(95) for ms in (195.0, 199.0, 200.0, 200.1, 204.0)] == [195, 199, 200, 201, 204]

    def test_five_slow_ones_of_a_hundred_do_not_move_p95_and_six_do(self):
        assert Timings([10] * 95 + [500] * 5).percentile(95) == 10
        assert Timings([10] * 94 + [500] * 6).percentile(95) == 500

    def test_the_order_of_arrival_does_not_matter(self):
        assert Timings([3, 1, 2]).percentile(50) == Timings([1, 2, 3]).percentile(50) == 2

    def test_a_big_run_has_an_exact_rank(self):
        """The rank is a whole number of samples: in floating point 0.95 * 100000 may become 95000.00000000001."""
        many = Timings([1] * 95_000 + [9] * 5_000)
        assert (many.percentile(95), many.at(95_001), len(many)) == (1, 9, 100_000)


class TestRoutes:
    def test_it_works(self):
        found = by_route([*runs.samples(1, 2), *runs.samples(3, route=runs.WRITE)])
        assert {name: timings(those).slowest() for name, those in found.items()} == {runs.READ: 2, runs.WRITE: 3}
