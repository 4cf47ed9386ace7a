import pytest

from locustfiles.samples import Samples, Timings


def timings(*milliseconds: float) -> Timings:
    made = Timings()
    for one in milliseconds:
        made.add(one)
    return made


class TestTimings:
    def test_it_works(self):
        hundred = timings(*range(1, 101))
        assert [hundred.percentile(percent) for percent in (50, 95, 99, 100)] == [50, 95, 99, 100]

    def test_nothing_has_no_percentile(self):
        assert timings().percentile(95) is None

    @pytest.mark.parametrize("percent", [1, 50, 95, 99])
    def test_one_sample_is_every_percentile(self, percent):
        assert timings(7.0).percentile(percent) == 7

    def test_it_tells_199_from_200_and_from_201(self):
        """Locust's own statistics say 200 to each of these."""
        assert [timings(ms).percentile(95) for ms in (195.0, 199.0, 200.0, 200.1, 204.0)] == [195, 199, 200, 201, 204]

    def test_five_slow_ones_of_a_hundred_do_not_move_p95_and_six_do(self):
        assert timings(*[10] * 95, *[500] * 5).percentile(95) == 10
        assert timings(*[10] * 94, *[500] * 6).percentile(95) == 500

    def test_the_order_of_arrival_does_not_matter(self):
        assert timings(3, 1, 2).percentile(50) == timings(1, 2, 3).percentile(50) == 2

    def test_a_big_run_has_an_exact_rank(self):
        """The rank is a whole number of samples: in floating point 0.95 * 100000 may become 95000.00000000001."""
        many = timings(*[1] * 95_000, *[9] * 5_000)
        assert (many.percentile(95), len(many)) == (1, 100_000)


class TestSamples:
    def test_it_works(self):
        samples = Samples()
        samples.add("a", 5)
        samples.fail("a", "500: oops")
        assert (len(samples.timings["a"]), samples.failures["a"], samples.errors["a", "500: oops"]) == (1, 1, 1)

    def test_the_end_of_the_warm_up_forgets_times_but_no_failure(self):
        samples = Samples()
        for name in ("a", "login"):
            samples.add(name, 5)
            samples.fail(name, "500")
        samples.forget_timings({"a", "unknown"})
        assert (len(samples.timings["a"]), len(samples.timings["login"])) == (0, 1)
        assert samples.failures == {"a": 1, "login": 1}
