"""Who and what the seed makes up, in memory. What the database stores twice is derived here, in one place.

Derived values are remembered: ask for them only when everybody has lived (living.live).
"""

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from django.conf import settings

from apps.profiling.seeding import days
from apps.profiling.seeding.calendar import HOUR, Calendar

SECONDS_BETWEEN_CHECK_INS = 5
SYSTEM_HABITS = (
    *("Morning Exercise", "Drink Water", "Read Books", "Meditation", "Healthy Eating", "Learn Something New"),
    *("Sleep Early", "Gratitude Journal", "No Social Media", "Connect with Loved Ones"),
)


@dataclass(eq=False)
class Person:
    number: int
    email: str
    name: str
    zone: str = "UTC"
    diligence: float = 0.5
    full_name: str | None = None
    bio: str | None = None
    is_staff: bool = False
    signed_up: int = 0
    id: str = ""
    memberships: list["Member"] = field(default_factory=list)

    @cached_property
    def days(self) -> int:
        return days.union(member.days for member in self.memberships)


@dataclass(eq=False)
class Habit:
    """One of the system's ten when it has no owner."""

    name: str
    owner: Person | None = None
    icon: str | None = None
    category: str | None = None
    created: int = 0
    id: str = ""


@dataclass(eq=False)
class Challenge:
    """`spirit` is how keen its members are. With `open_today` nobody has checked in on their today yet."""

    name: str
    creator: Person
    habits: list[Habit]
    created: int
    start: int
    end: int
    type: str = "group"
    description: str | None = None
    checkin_type: str = "any"
    require_evidence: bool = True
    is_public: bool = False
    max_members: int = 10
    archived: bool = False
    spirit: float = 1.0
    open_today: bool = False
    id: str = ""
    invite_code: str = ""
    members: list["Member"] = field(default_factory=list)

    @cached_property
    def active_members(self) -> list["Member"]:
        return [member for member in self.members if member.status == "active"]

    @cached_property
    def days(self) -> int:
        return days.union(member.days for member in self.members)

    @cached_property
    def is_closed(self) -> bool:
        return self.end < Calendar.today

    @cached_property
    def rate(self) -> Fraction:
        """The average completion rate of contract 3.7, exact."""
        active, possible = self.active_members, (self.end - self.start + 1) * len(self.habits)
        return Fraction(100 * sum(member.total for member in active), possible * len(active)) if active else Fraction()

    @cached_property
    def is_success(self) -> bool:
        return self.is_closed and self.rate >= settings.CHALLENGE_SUCCESS_THRESHOLD and bool(self.active_members)

    @cached_property
    def status(self) -> str:
        if self.archived:
            return "archived"
        if self.is_closed:
            return "completed" if self.is_success else "failed"
        return "pending" if self.start > Calendar.today else "active"


@dataclass(eq=False)
class Member:
    """`done` has one set of days for each habit of the challenge. `slot` spreads the check-ins of one day in time."""

    person: Person
    challenge: Challenge
    role: str
    status: str
    joined: int
    left: int | None
    slot: int
    kept_points: int = 0
    id: str = ""
    done: list[int] = field(default_factory=list)

    @cached_property
    def days(self) -> int:
        return days.union(self.done)

    @cached_property
    def total(self) -> int:
        return sum(done.bit_count() for done in self.done)

    @cached_property
    def points(self) -> int:
        doubled = sum(days.after_the_day_before(done).bit_count() for done in self.done)
        single, double = amounts()
        return self.kept_points + single * (self.total - doubled) + double * doubled

    @cached_property
    def is_completed(self) -> bool:
        return self.status == "active" and self.challenge.is_success


@dataclass(eq=False)
class Friendship:
    """`asked` and `answered` are instants; what is pending has no answer."""

    requester: Person
    addressee: Person
    status: str
    asked: int = 0
    answered: int | None = None
    id: str = ""


@dataclass(eq=False)
class World:
    """`habits` are people's own: the system's are there already."""

    calendar: Calendar
    people: list[Person] = field(default_factory=list)
    friendships: list[Friendship] = field(default_factory=list)
    habits: list[Habit] = field(default_factory=list)
    challenges: list[Challenge] = field(default_factory=list)

    @property
    def members(self) -> list[Member]:
        return [member for challenge in self.challenges for member in challenge.members]

    def add_person(self, email: str, name: str, **facts) -> Person:
        self.people.append(Person(len(self.people), email, name, **facts))
        return self.people[-1]

    def add_friendship(self, requester: Person, addressee: Person, status: str = "accepted") -> None:
        self.friendships.append(Friendship(requester, addressee, status))

    def add_challenge(self, name: str, creator: Person, habits: list[Habit], **facts) -> Challenge:
        challenge = Challenge(name, creator, habits, **facts)
        self.challenges.append(challenge)
        self.add_member(challenge, creator, joined=challenge.created, role="creator")
        return challenge

    def add_member(self, challenge: Challenge, person: Person, *, joined: int, **facts) -> Member:
        """Others than the creator join a day after its creation or later: an earlier day may still run elsewhere."""
        facts = {"role": "member", "status": "active", "left": None} | facts
        member = Member(person, challenge, joined=joined, slot=4 * len(person.memberships), **facts)
        person.memberships.append(member)
        challenge.members.append(member)
        return member

    def created_at(self, challenge: Challenge) -> int:
        return self.calendar.midnight(challenge.creator.zone, challenge.created) + 4 * HOUR

    def joined_at(self, member: Member) -> int:
        if member.role == "creator":
            return self.created_at(member.challenge)
        return self.calendar.midnight(member.person.zone, member.joined) + 5 * HOUR

    def left_at(self, member: Member) -> int | None:
        return self.calendar.midnight(member.person.zone, member.left) + 4 * HOUR if member.left else None

    def checked_in_at(self, member: Member, order: int, day: int) -> int:
        start = self.calendar.check_in_time(member.person.zone, member.person.number, day)
        return start + SECONDS_BETWEEN_CHECK_INS * (member.slot + order)

    def last_checkin_at(self, member: Member) -> int | None:
        day = days.last(member.days)
        if day is None:
            return None
        last_order = max(order for order, done in enumerate(member.done) if done >> day & 1)
        return self.checked_in_at(member, last_order, day)


def system_habits() -> dict[str, Habit]:
    """The ten of contract 2.3 by name."""
    return {
        name: Habit(name, id=f"00000000-0000-0000-0000-{number:012d}") for number, name in enumerate(SYSTEM_HABITS, 1)
    }


def amounts() -> tuple[int, int]:
    """Points of a check-in, and of one whose habit was done on the day before too."""
    return settings.POINTS_PER_CHECKIN, settings.POINTS_PER_CHECKIN * settings.POINTS_STREAK_MULTIPLIER
