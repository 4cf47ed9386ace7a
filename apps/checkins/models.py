from django.db import models

from apps.checkins.querysets import CheckInQuerySet
from apps.core.models import (
    CreatedAt,
    Key,
    LongIndex,
    StrictManager,
    UpdatedAt,
    enumeration,
    not_negative,
    one_of,
    reference,
)


class CheckInStatus(models.TextChoices):
    PENDING = "pending"
    COMPLETED = "completed"
    VERIFIED = "verified"
    REJECTED = "rejected"


class CheckIn(models.Model):
    """One habit done on one local day: the table that grows for ever."""

    id = Key()
    challenge = reference("challenges.Challenge", "check_ins")
    habit = reference("challenges.Habit", "check_ins", models.PROTECT)
    user = reference("accounts.User", "check_ins")
    checkin_date = models.DateField()
    status = enumeration(CheckInStatus, default=CheckInStatus.COMPLETED)
    photo_url = models.CharField(max_length=2048, null=True, blank=True)
    video_url = models.CharField(max_length=2048, null=True, blank=True)
    caption = models.CharField(max_length=500, null=True, blank=True)
    is_on_time = models.BooleanField(default=True)
    points_earned = models.SmallIntegerField()
    created_at = CreatedAt()
    updated_at = UpdatedAt()

    objects = StrictManager.from_queryset(CheckInQuerySet)()

    class Meta:
        db_table = "check_ins"
        verbose_name = "check-in"
        constraints = [
            models.UniqueConstraint(fields=["challenge", "habit", "user", "checkin_date"], name="one_checkin_per_day"),
            one_of("status", CheckInStatus, name="known_checkin_status"),
            not_negative("points_earned", name="checkin_points_not_negative"),
        ]
        indexes = [
            # Own check-ins; a rebuild of the user's streak.
            LongIndex(fields=["user", "-checkin_date"], name="idx_checkins_user_date"),
            # Progress, today, the feed.
            LongIndex(fields=["challenge", "-checkin_date", "-created_at"], name="idx_checkins_challenge_date"),
            # A rebuild of a member's streak; own check-ins of one challenge.
            LongIndex(fields=["challenge", "user", "-checkin_date"], name="idx_checkins_challenge_user_date"),
        ]

    def __str__(self) -> str:
        return f"{self.checkin_date}"
