from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.numbers import percentage

WHOLES = st.integers(1, 10**6)


class TestPercentage:
    def test_it_works(self):
        assert percentage(1, 3) == 33.33
        assert percentage(2, 3) == 66.67
        assert percentage(5, 5) == 100.0

    @pytest.mark.parametrize(
        ("part", "whole", "expected"),
        [(1, 800, 0.13), (1, 20000, 0.01), (1, 20001, 0.0), (3, 800, 0.38), (201, 20000, 1.01), (19999, 20000, 100.0)],
    )
    def test_it_rounds_a_half_up(self, part, whole, expected):
        assert percentage(part, whole) == expected

    @pytest.mark.parametrize("whole", [0, -1])
    def test_it_is_0_of_nothing(self, whole):
        assert percentage(5, whole) == 0.0

    def test_it_is_clamped(self):
        assert (percentage(7, 5), percentage(-1, 5)) == (100.0, 0.0)

    @given(part=st.integers(0, 10**6), whole=WHOLES)
    def test_it_is_the_nearest_hundredth_and_the_upper_of_two(self, part, whole):
        exact = min(Fraction(100 * part, whole), Fraction(100))
        shown = Fraction(repr(percentage(part, whole)))
        assert (shown * 100).denominator == 1
        assert Fraction(-1, 200) < shown - exact <= Fraction(1, 200)

    @given(part=st.integers(0, 10**6), whole=WHOLES, factor=st.integers(1, 1000))
    def test_it_knows_no_unit(self, part, whole, factor):
        assert percentage(part, whole) == percentage(Fraction(part, factor), Fraction(whole, factor))

    @given(low=st.integers(0, 10**6), high=st.integers(0, 10**6), whole=WHOLES)
    def test_it_never_falls_when_the_part_grows(self, low, high, whole):
        low, high = sorted((low, high))
        assert percentage(low, whole) <= percentage(high, whole)
