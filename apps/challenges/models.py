from datetime import date

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from apps.challenges.querysets import (
    ChallengeHabitQuerySet,
    ChallengeQuerySet,
    HabitQuerySet,
    MembershipQuerySet,
)
from apps.core.models import (
    CreatedAt,
    FixedChar,
    Key,
    LongIndex,
    StrictManager,
    UpdatedAt,
    days_between,
    enumeration,
    not_negative,
    one_of,
    reference,
)

INVITE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class ChallengeType(models.TextChoices):
    INDIVIDUAL = "individual"
    GROUP = "group"
    PROGRAM = "program"


class ChallengeStatus(models.TextChoices):
    PENDING = "pending"
    ACTIVE = "active"
    COMPLETED = "completed"
    FAILED = "failed"
    ARCHIVED = "archived"


class CheckinType(models.TextChoices):
    PHOTO = "photo"
    VIDEO = "video"
    CAPTION = "caption"
    ANY = "any"


class Role(models.TextChoices):
    CREATOR = "creator"
    ADMIN = "admin"
    MEMBER = "member"


class MemberStatus(models.TextChoices):
    PENDING = "pending"
    ACTIVE = "active"
    LEFT = "left"
    KICKED = "kicked"


class Habit(models.Model):
    """Something to do every day: one of the ten of the system, or a user's own."""

    id = Key()
    name = models.CharField(max_length=100)
    icon = models.CharField(max_length=16, null=True, blank=True)
    description = models.CharField(max_length=500, null=True, blank=True)
    category = models.CharField(max_length=50, null=True, blank=True)
    is_system = models.BooleanField(default=False)
    created_by = reference("accounts.User", "habits", models.SET_NULL, null=True, blank=True)
    created_at = CreatedAt()

    objects = StrictManager.from_queryset(HabitQuerySet)()

    class Meta:
        db_table = "habits"
        constraints = [
            models.CheckConstraint(
                condition=Q(is_system=False) | Q(created_by__isnull=True), name="system_habit_has_no_owner"
            ),
        ]
        indexes = [
            # The habit list: system habits by id.
            LongIndex(fields=["id"], name="idx_habits_system", condition=Q(is_system=True)),
            # The habit list: a user's own by creation; and the limit of 100 of them.
            LongIndex(fields=["created_by", "created_at"], name="idx_habits_owner", condition=Q(is_system=False)),
        ]

    def __str__(self) -> str:
        return self.name


class Challenge(models.Model):
    id = Key()
    name = models.CharField(max_length=200)
    description = models.CharField(max_length=2000, null=True, blank=True)
    type = enumeration(ChallengeType, default=ChallengeType.INDIVIDUAL)
    status = enumeration(ChallengeStatus)
    checkin_type = enumeration(CheckinType, default=CheckinType.PHOTO)
    start_date = models.DateField()
    end_date = models.DateField()
    duration_days = models.GeneratedField(
        expression=days_between("end_date", "start_date"), output_field=models.IntegerField(), db_persist=True
    )
    max_members = models.SmallIntegerField(default=10)
    member_count = models.SmallIntegerField(default=0)
    require_evidence = models.BooleanField(default=True)
    is_public = models.BooleanField(default=False)
    invite_code = FixedChar(max_length=6)
    current_streak = models.IntegerField(default=0)
    last_checkin_date = models.DateField(null=True, blank=True)
    completion_rate = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    created_by = reference("accounts.User", "challenges_created", models.PROTECT)
    created_at = CreatedAt()
    updated_at = UpdatedAt()

    objects = StrictManager.from_queryset(ChallengeQuerySet)()

    class Meta:
        db_table = "challenges"
        constraints = [
            models.UniqueConstraint(fields=["invite_code"], name="one_challenge_per_invite_code"),
            one_of("type", ChallengeType, name="known_challenge_type"),
            one_of("status", ChallengeStatus, name="known_challenge_status"),
            one_of("checkin_type", CheckinType, name="known_checkin_type"),
            models.CheckConstraint(condition=Q(end_date__gt=F("start_date")), name="end_after_start"),
            models.CheckConstraint(condition=Q(duration_days__lte=365), name="at_most_365_days"),
            models.CheckConstraint(condition=Q(max_members__range=(1, 50)), name="max_members_from_1_to_50"),
            models.CheckConstraint(
                condition=Q(member_count__gte=0, member_count__lte=F("max_members")),
                name="member_count_within_capacity",
            ),
            models.CheckConstraint(
                condition=Q(invite_code__regex=f"^[{INVITE_ALPHABET}]{{6}}$"), name="invite_code_alphabet"
            ),
            models.CheckConstraint(
                condition=Q(completion_rate__isnull=True) | Q(completion_rate__range=(0, 100)),
                name="completion_rate_is_percentage",
            ),
            not_negative("current_streak", name="challenge_streak_not_negative"),
        ]
        indexes = [
            # Discover by a closed status; the staff list by status.
            LongIndex(fields=["status", "-created_at"], name="idx_challenges_status_created"),
            # Discover: what is public and open, newest first.
            LongIndex(
                fields=["-created_at", "-id"],
                name="idx_challenges_discover",
                condition=Q(is_public=True, status__in=["pending", "active"]),
            ),
            # Discover by a part of the name.
            GinIndex(
                OpClass(Upper("name"), "gin_trgm_ops"), name="idx_challenges_name_trgm", condition=Q(is_public=True)
            ),
            # Auto-complete: what is over.
            models.Index(fields=["end_date"], name="idx_challenges_active_end", condition=Q(status="active")),
            # Activation: what is to begin.
            models.Index(fields=["start_date"], name="idx_challenges_pending_start", condition=Q(status="pending")),
        ]

    def __str__(self) -> str:
        return self.name

    def is_closed_on(self, day: date) -> bool:
        """Finished, put away, or past its last day: nobody joins and nobody checks in."""
        return self.status not in (ChallengeStatus.PENDING, ChallengeStatus.ACTIVE) or day > self.end_date


class ChallengeHabit(models.Model):
    """A habit of a challenge. One to four per challenge, never changed after its creation."""

    id = Key()
    challenge = reference("challenges.Challenge", "habit_links")
    habit = reference("challenges.Habit", "challenge_links", models.PROTECT)
    display_order = models.SmallIntegerField()
    custom_name = models.CharField(max_length=100, null=True, blank=True)
    custom_icon = models.CharField(max_length=16, null=True, blank=True)
    custom_description = models.CharField(max_length=500, null=True, blank=True)
    created_at = CreatedAt()

    objects = StrictManager.from_queryset(ChallengeHabitQuerySet)()

    class Meta:
        db_table = "challenge_habits"
        constraints = [models.UniqueConstraint(fields=["challenge", "habit"], name="one_habit_per_challenge")]

    def __str__(self) -> str:
        return str(self.id)


class Membership(models.Model):
    id = Key()
    challenge = reference("challenges.Challenge", "memberships")
    user = reference("accounts.User", "memberships")
    role = enumeration(Role, default=Role.MEMBER)
    status = enumeration(MemberStatus, default=MemberStatus.ACTIVE)
    current_streak = models.IntegerField(default=0)
    longest_streak = models.IntegerField(default=0)
    total_checkins = models.IntegerField(default=0)
    points_earned = models.IntegerField(default=0)
    kept_points = models.IntegerField(default=0)
    hitch_count = models.SmallIntegerField(default=2)
    is_completed = models.BooleanField(default=False)
    joined_at = CreatedAt()
    left_at = models.DateTimeField(null=True, blank=True)
    last_checkin_at = models.DateTimeField(null=True, blank=True)
    last_checkin_date = models.DateField(null=True, blank=True)

    objects = StrictManager.from_queryset(MembershipQuerySet)()

    class Meta:
        db_table = "challenge_members"
        constraints = [
            models.UniqueConstraint(fields=["challenge", "user"], name="one_membership_per_user"),
            models.UniqueConstraint(
                fields=["challenge"], name="one_creator_per_challenge", condition=Q(role="creator")
            ),
            one_of("role", Role, name="known_member_role"),
            one_of("status", MemberStatus, name="known_member_status"),
            not_negative(
                "current_streak",
                "longest_streak",
                "total_checkins",
                "points_earned",
                "kept_points",
                "hitch_count",
                name="member_counters_not_negative",
            ),
        ]
        indexes = [
            # Own challenges, counts, a challenge two people share.
            LongIndex(
                fields=["user", "status"], name="idx_challenge_members_user_status", condition=Q(status="active")
            ),
            # Own memberships of every status.
            LongIndex(fields=["user", "challenge"], name="idx_challenge_members_user_all"),
        ]

    def __str__(self) -> str:
        return str(self.id)
