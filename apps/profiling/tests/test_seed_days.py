from hypothesis import given
from hypothesis import strategies as st

from apps.profiling.seeding import days

some_days = st.sets(st.integers(0, 60), max_size=40)


def as_bits(numbers: set[int]) -> int:
    return sum(1 << number for number in numbers)


def runs(numbers: set[int]) -> list[int]:
    """Lengths of the runs in ascending order of their days, the plain way."""
    lengths: list[int] = []
    for number in sorted(numbers):
        if number - 1 in numbers:
            lengths[-1] += 1
        else:
            lengths.append(1)
    return lengths


class TestDays:
    def test_it_works(self):
        lived = days.between(3, 5) | days.between(8, 9)
        assert (days.current(lived), days.longest(lived), days.last(lived)) == (2, 3, 9)

    def test_nothing_has_no_streak(self):
        assert (days.current(0), days.longest(0), days.last(0), days.between(5, 4)) == (0, 0, None, 0)

    @given(some_days)
    def test_it_counts_as_one_would_by_hand(self, numbers):
        bits, lengths = as_bits(numbers), runs(numbers)
        assert list(days.each(bits)) == sorted(numbers)
        assert days.longest(bits) == max(lengths, default=0)
        assert days.current(bits) == (lengths[-1] if lengths else 0)
        assert set(days.each(days.after_the_day_before(bits))) == {n for n in numbers if n - 1 in numbers}

    @given(some_days, st.integers(1, 8))
    def test_a_milestone_is_reached_once_in_a_run(self, numbers, length):
        reached = list(days.each(days.reaching(as_bits(numbers), length)))
        assert len(reached) == sum(run >= length for run in runs(numbers))
        assert all({day - back for back in range(length)} <= numbers for day in reached)
