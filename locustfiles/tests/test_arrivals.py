import random

import pytest

from locustfiles.arrivals import Ramp, moments


class TestRamp:
    def test_who_starts_at_once_comes_one_after_the_other(self):
        ramp = Ramp()
        waits = [ramp.wait(second, 10) for second in (100.0, 101.0) for _ in range(10)]
        assert waits == pytest.approx([turn / 10 for turn in range(10)] * 2)

    def test_nobody_waits_for_turns_that_have_passed(self):
        ramp = Ramp()
        assert [ramp.wait(now, 10) for now in (5.0, 7.0, 9.0)] == [0, 0, 0]

    def test_it_is_over_when_everybody_had_a_turn(self):
        """Between two groups that Locust starts it may look over."""
        ramp = Ramp()
        for _ in range(10):
            ramp.wait(100.0, 10)
        assert not ramp.is_over(101.1, people=20)
        for _ in range(10):
            ramp.wait(101.1, 10)
        assert (ramp.is_over(102.0, people=20), ramp.is_over(102.2, people=20)) == (False, True)


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
