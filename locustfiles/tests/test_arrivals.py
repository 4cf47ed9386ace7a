import pytest

from locustfiles.arrivals import Ramp


class TestRamp:
    def test_who_starts_at_once_comes_one_after_the_other(self):
        ramp = Ramp()
        waits = [ramp.wait(second, 10) for second in (100.0, 101.0) for _ in range(10)]
        assert waits == pytest.approx([turn / 10 for turn in range(10)] * 2)

    def test_nobody_waits_for_turns_that_have_passed(self):
        ramp = Ramp()
        assert [ramp.wait(now, 10) for now in (5.0, 7.0, 9.0)] == [0, 0, 0]
