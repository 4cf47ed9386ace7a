"""Check-ins as rows: by far the most of them, made one by one while COPY takes them."""

from collections.abc import Iterator
from random import Random

from apps.profiling.seeding import days
from apps.profiling.seeding.calendar import stamp
from apps.profiling.seeding.living import Ids
from apps.profiling.seeding.world import Member, World, amounts

CHECK_IN = (
    *("id", "challenge_id", "habit_id", "user_id", "checkin_date", "caption", "points_earned"),
    *("created_at", "updated_at"),
)
CAPTIONS = (
    *("Done!", "Felt good today", "Short one, but it counts", "Early bird", "Almost forgot", "With a friend today"),
    *("Rainy day, no excuse", "Best one this week", "Tired, did it anyway", "Ten minutes more than planned"),
)


class CheckInRows:
    """Day by day, as life appends them: the table and its time-ordered keys lie on disk as they would in production."""

    def __init__(self, world: World, ids: Ids, rng: Random):
        self.world, self.ids, self.rng, self.amounts = world, ids, rng, amounts()

    def __iter__(self) -> Iterator[tuple]:
        for day, members in enumerate(self.members_by_day()):
            date = self.world.calendar.date(day).isoformat()
            for member in members:
                yield from self.of(member, day, date)

    def members_by_day(self) -> list[list[Member]]:
        by_day: list[list[Member]] = [[] for _ in range(self.world.calendar.today + 1)]
        for member in self.world.members:
            for day in days.each(member.days):
                by_day[day].append(member)
        return by_day

    def of(self, member: Member, day: int, date: str) -> Iterator[tuple]:
        challenge, user_id = member.challenge, member.person.id
        for order, done in enumerate(member.done):
            if done >> day & 1:
                instant = self.world.checked_in_at(member, order, day)
                habit_id, text = challenge.habits[order].id, stamp(instant)
                points = self.amounts[days.after_the_day_before(done) >> day & 1]
                caption = self.caption() if challenge.require_evidence else None
                yield (self.ids.at(instant), challenge.id, habit_id, user_id, date, caption, points, text, text)

    def caption(self) -> str:
        return CAPTIONS[int(self.rng.random() * len(CAPTIONS))]
