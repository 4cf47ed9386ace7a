import random

import pytest

from locustfiles import intervals


class TestRankBounds:
    def test_it_works(self):
        """Of 100 log-ins p95 is the 5th slowest, and the truth is between the 10th slowest and the 2nd."""
        assert (intervals.rank(100, 95), intervals.rank_bounds(100, 95, 0.95)) == (95, (91, 99))

    @pytest.mark.parametrize(("number", "known"), [(58, False), (59, True)])
    def test_59_are_the_fewest_that_bound_a_p95(self, number, known):
        """0.95 ** 59 is the first below 5 %: the chance that all of them are faster than the true p95."""
        assert (intervals.rank_bounds(number, 95, 0.95)[1] is not None) is known

    @pytest.mark.parametrize("number", [100, 1_000, 100_000])
    def test_more_samples_know_better(self, number):
        low, high = intervals.rank_bounds(number, 95, 0.95)
        assert low <= intervals.rank(number, 95) <= high
        assert (high - low) / number < 0.9 / number**0.5

    def test_it_holds_what_it_promises(self):
        """The true p95 of a uniform distribution is 0.95: 95 of 100 times it is not above the upper bound."""
        draw, (low, high) = random.Random(7), intervals.rank_bounds(200, 95, 0.95)
        ordered = [sorted(draw.random() for _ in range(200)) for _ in range(1_000)]
        above, below = (sum(values[place - 1] < 0.95 for values in ordered) for place in (high, low))
        assert above <= 65
        assert below >= 935


class TestDifference:
    def blocks(self, middle: float, seed: int, *, number: int = 30, jitter: float = 0.0) -> list[list[float]]:
        """Seconds of a server; with jitter some of them are slow as a whole."""
        draw = random.Random(seed)
        found = []
        for _ in range(number):
            shift = jitter * draw.random()
            found.append([middle + shift + draw.expovariate(0.2) for _ in range(40)])
        return found

    def test_it_works(self):
        low, high = intervals.of_difference(self.blocks(10, 1), self.blocks(15, 2), 50)
        assert 4 < low < 5 < high < 6

    def test_equal_servers_differ_by_nothing(self):
        outside = 0
        for seed in range(20):
            low, high = intervals.of_difference(self.blocks(10, seed), self.blocks(10, 100 + seed), 95, rounds=400)
            outside += not low <= 0 <= high
        assert outside <= 3

    def test_slow_moments_widen_it(self):
        """Requests of one second share its fate: 1,200 of them know as much as 30 seconds do."""
        calm = intervals.of_difference(self.blocks(10, 1), self.blocks(10, 2), 50, rounds=400)
        shaken = intervals.of_difference(self.blocks(10, 1, jitter=40), self.blocks(10, 2, jitter=40), 50, rounds=400)
        assert shaken.high - shaken.low > 4 * (calm.high - calm.low)

    def test_the_same_samples_give_the_same_interval(self):
        sides = self.blocks(10, 1), self.blocks(11, 2)
        assert intervals.of_difference(*sides, 95, rounds=200) == intervals.of_difference(*sides, 95, rounds=200)


class TestBlocks:
    def test_it_works(self):
        assert intervals.blocks([(0.0, 1), (0.9, 2), (10.0, 3)], count=2) == [[1, 2], [3]]

    def test_one_moment_is_one_block(self):
        assert [block for block in intervals.blocks([(5.0, 1), (5.0, 2)]) if block] == [[1, 2]]

    def test_nothing_has_none(self):
        assert intervals.blocks([]) == []
