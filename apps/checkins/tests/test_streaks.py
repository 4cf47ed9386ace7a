"""The rule of streaks against its definition (contract 3.2)."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from apps.checkins import streaks
from apps.checkins.streaks import Streak

DAY = timedelta(days=1)
# Few days close together, around a leap day: runs, gaps and repeats are all likely.
days = st.integers(0, 14).map(lambda n: date(2028, 2, 22) + n * DAY)


def by_definition(found: list[date]) -> Streak:
    """Counts the run that ends at each day, without a running total."""

    def run(day):
        return 1 + run(day - DAY) if day in found else 0

    last = max(found, default=None)
    return Streak(run(last) if last else 0, max((run(day) for day in found), default=0), last)


class TestStreaks:
    def test_it_works(self):
        found = [date(2026, 3, day) for day in (1, 2, 3, 5, 6)]
        assert streaks.rebuild(found) == Streak(current=2, longest=3, last=date(2026, 3, 6))

    def test_it_is_nothing_without_days(self):
        assert streaks.rebuild([]) == Streak(0, 0, None)

    @given(st.lists(days))
    def test_it_is_the_definition_whatever_the_order_and_the_repeats(self, found):
        assert streaks.rebuild(found) == by_definition(found)

    @given(st.lists(days))
    def test_the_running_update_equals_the_rebuild_after_each_day(self, found):
        streak, so_far = Streak(), []
        for day in sorted(found):
            streak = streaks.advance(streak, day)
            so_far.append(day)
            assert streak == by_definition(so_far)

    @given(st.lists(days, min_size=1), st.integers(0, 5))
    def test_it_is_broken_exactly_when_a_whole_day_was_missed(self, found, later):
        streak = streaks.rebuild(found)
        assert streaks.is_broken_by(streak, streak.last + later * DAY) == (later > 1)

    def test_nothing_cannot_be_broken(self):
        assert not streaks.is_broken_by(Streak(), date(2026, 3, 1))
