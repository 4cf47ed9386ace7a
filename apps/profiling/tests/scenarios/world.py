"""A world with `size` rows of everything around one person, and counters that agree with the rows."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from apps import testing
from apps.accounts import tokens
from apps.accounts.models import Session, User
from apps.challenges.models import Challenge, ChallengeHabit, Habit, Membership, Role
from apps.checkins.models import CheckIn
from apps.core import clock
from apps.core.clock import DAY
from apps.core.models import uuid7
from apps.notifications.models import Notification, NotificationType
from apps.social.models import Friendship, Hitch

HOUR = timedelta(hours=1)
MAX_HABITS = 4
KEY = {"Idempotency-Key": "of-this-scenario"}


class World:
    """`me` is a member of `dare`, which `owner` made and the whole `crowd` has joined. I have checked in on each of the
    last `size` days, the others yesterday. `size` more people have left the dare, and as many were removed from it."""

    def __init__(self, size: int):
        self.size = size
        self.habit = testing.HABITS[0]
        self.today = clock.now().date()
        self.owner = testing.make_user("Olga")
        self.me = testing.make_user("Max", last_seen_at=clock.now() - HOUR)
        self.crowd = self.people("Anna", size)
        self.dare = self.running_dare()
        self.api = testing.Api(self.me)
        self.as_owner = testing.Api(self.owner)
        self.give_dares()
        self.give_days()
        self.give_belongings()
        self.give_friends()
        self.give_hitches()

    def people(self, name: str, count: int) -> list[User]:
        return User.objects.bulk_create(
            User(email=f"{name}.{number}@example.com".lower(), password="!", display_name=f"{name} {number:02}")
            for number in range(count)
        )

    def running_dare(self, **columns: Any) -> Challenge:
        """Of the whole crowd, with custom names on its habits and people that have gone."""
        dare = self.new_dare(self.owner, self.me, *self.crowd, start_date=self.today - 30 * DAY, **columns)
        ChallengeHabit.objects.filter(challenge=dare).update(custom_name="Ours", custom_icon="🏃")
        Membership.objects.bulk_create(
            Membership(challenge=dare, user=user, status=status, left_at=clock.now())
            for status in ("left", "kicked")
            for user in self.people(f"{status}{dare.invite_code}", self.size)
        )
        return dare

    def new_dare(self, creator: User, *members: User, **columns: Any) -> Challenge:
        columns = {"name": "The dare", "is_public": True, "max_members": 50} | columns
        dare = testing.make_challenge(creator, habits=min(self.size, MAX_HABITS), **columns)
        Membership.objects.bulk_create(Membership(challenge=dare, user=user) for user in members)
        Challenge.objects.filter(pk=dare.pk).update(member_count=1 + len(members))
        return dare

    def give_dares(self) -> None:
        """As many dares of mine as the size says, as many that I may join, as many that wait for me."""
        dares = [self.bare_dare(name, number) for name in ("Mine", "Open", "Invited") for number in range(self.size)]
        for dare in dares:  # one by one: bulk_create casts a fixed-length text to one character
            dare.save(force_insert=True)
        ChallengeHabit.objects.bulk_create(
            ChallengeHabit(challenge=dare, habit_id=testing.HABITS[0], display_order=0) for dare in dares
        )
        Membership.objects.bulk_create(Membership(challenge=dare, user=self.owner, role=Role.CREATOR) for dare in dares)
        Membership.objects.bulk_create(
            Membership(challenge=dare, user=self.me, status="active" if dare.name.startswith("Mine") else "pending")
            for dare in dares
            if not dare.name.startswith("Open")
        )

    def bare_dare(self, name: str, number: int) -> Challenge:
        return Challenge(
            name=f"{name} {number:02}",
            status="active",
            start_date=self.today - DAY,
            end_date=self.today + 29 * DAY,
            is_public=True,
            member_count=2 if name == "Mine" else 1,
            invite_code=testing.invite_code(),
            created_by=self.owner,
            require_evidence=False,
        )

    def give_days(self) -> None:
        """My check-ins of every habit on each of the last days, and one of everybody else yesterday."""
        habits, yesterday = testing.HABITS[: min(self.size, MAX_HABITS)], self.today - DAY
        others = [self.owner, *self.crowd]
        days = [self.today - back * DAY for back in range(1, self.size + 1)]
        CheckIn.objects.bulk_create(
            [self.done(self.me, habit, day) for day in days for habit in habits]
            + [self.done(user, habits[0], yesterday) for user in others]
        )
        self.count([self.me], yesterday, streak=self.size, total=self.size * len(habits))
        self.count(others, yesterday, streak=1, total=1)
        Challenge.objects.filter(pk=self.dare.pk).update(current_streak=self.size, last_checkin_date=yesterday)

    def count(self, users: list[User], last: date, *, streak: int, total: int) -> None:
        ids, points = [user.pk for user in users], 10 * total
        shown = {"current_streak": streak, "longest_streak": streak, "last_checkin_date": last}
        User.objects.filter(pk__in=ids).update(total_check_ins=total, points=points, **shown)
        members = Membership.objects.filter(challenge=self.dare, user__in=ids)
        members.update(total_checkins=total, points_earned=points, **shown)

    def others_check_in(self) -> None:
        """Today, everybody but me: the first of the date in the dare is done."""
        users = [self.owner, *self.crowd]
        CheckIn.objects.bulk_create(self.done(user, testing.HABITS[0], self.today) for user in users)
        self.count(users, self.today, streak=2, total=2)
        dare = Challenge.objects.filter(pk=self.dare.pk)
        dare.update(current_streak=self.size + 1, last_checkin_date=self.today)

    def done(self, user: User, habit: UUID, day: date) -> CheckIn:
        return CheckIn(
            user=user,
            challenge=self.dare,
            habit_id=habit,
            checkin_date=day,
            points_earned=10,
            caption="Done",
            created_at=clock.now() - (self.today - day),
        )

    def give_belongings(self) -> None:
        """Log-ins that live and that have ended, habits of my own, notifications read and unread: mine and others'."""
        for _ in range(self.size):
            self.log_in()
            self.log_in(revoked_at=clock.now() - HOUR / 2)
        Habit.objects.bulk_create(
            Habit(name=f"Habit {number:02}", created_by=user)
            for user in (self.me, self.owner)
            for number in range(self.size)
        )
        Notification.objects.bulk_create(
            self.told(user, is_read) for user in (self.me, self.owner) for is_read in (0, 1) for _ in range(self.size)
        )

    def give_hitches(self) -> None:
        """Yesterday the owner and I have reminded everybody."""
        Hitch.objects.bulk_create(
            Hitch(
                challenge=self.dare,
                habit_id=self.habit,
                sender=sender,
                target=target,
                hitch_date=self.today - DAY,
                created_at=clock.now() - DAY,
            )
            for sender in (self.me, self.owner)
            for target in self.crowd
        )

    def log_in(self, **columns: Any) -> None:
        token = tokens.fingerprint(str(uuid7()))
        Session.objects.create(user=self.me, refresh_hash=token, expires_at=clock.now() + DAY, **columns)

    def give_friends(self) -> None:
        """The crowd, of which every second asked me; and strangers that wait for me, let me wait, and were refused."""
        for number, friend in enumerate(self.crowd):
            testing.make_friendship(*((friend, self.me) if number % 2 else (self.me, friend)))
        for status in ("pending", "rejected", "blocked"):
            Friendship.objects.bulk_create(
                Friendship(requester=asking, addressee=self.me, status=status)
                for asking in self.people(f"{status} by me", self.size)
            )
            Friendship.objects.bulk_create(
                Friendship(requester=self.me, addressee=asked, status=status)
                for asked in self.people(f"{status} by them", self.size)
            )

    def told(self, user: User, is_read: int) -> Notification:
        return Notification(
            user=user,
            type=NotificationType.CHALLENGE_STARTED,
            title="Challenge started!",
            body="It has begun.",
            data={"challenge_id": str(self.dare.pk)},
            is_read=bool(is_read),
            read_at=clock.now() if is_read else None,
        )
