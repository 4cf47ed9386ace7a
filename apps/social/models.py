from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least

from apps.core.models import CreatedAt, Key, LongIndex, StrictManager, UpdatedAt, enumeration, one_of, reference
from apps.social.querysets import FriendshipQuerySet


class FriendshipStatus(models.TextChoices):
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    BLOCKED = "blocked"


class Friendship(models.Model):
    """What two people are to each other: one row per pair, whoever asked. Who blocks is the addressee."""

    id = Key()
    requester = reference("accounts.User", "friendships_requested")
    addressee = reference("accounts.User", "friendships_received")
    status = enumeration(FriendshipStatus, default=FriendshipStatus.PENDING)
    accepted_at = models.DateTimeField(null=True, blank=True)
    created_at = CreatedAt()
    updated_at = UpdatedAt()

    objects = StrictManager.from_queryset(FriendshipQuerySet)()

    class Meta:
        db_table = "friendships"
        constraints = [
            # Also how a pair is looked up, whichever of the two asked.
            models.UniqueConstraint(
                Least("requester", "addressee"), Greatest("requester", "addressee"), name="one_friendship_per_pair"
            ),
            models.CheckConstraint(condition=~Q(requester=F("addressee")), name="not_oneself"),
            one_of("status", FriendshipStatus, name="known_friendship_status"),
        ]
        indexes = [
            # Friends, requests sent, counts.
            LongIndex(fields=["requester", "status"], name="idx_friendships_requester_status"),
            # Friends, requests received, counts.
            LongIndex(fields=["addressee", "status"], name="idx_friendships_addressee_status"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Hitch(models.Model):
    """A reminder that one member sent another to do a habit, on the sender's day."""

    id = Key()
    challenge = reference("challenges.Challenge", "hitches")
    habit = reference("challenges.Habit", "hitches")
    sender = reference("accounts.User", "hitches_sent")
    target = reference("accounts.User", "hitches_received")
    hitch_date = models.DateField()
    created_at = CreatedAt()

    objects = StrictManager()

    class Meta:
        db_table = "hitch_log"
        verbose_name_plural = "hitches"
        constraints = [
            models.UniqueConstraint(
                fields=["challenge", "habit", "sender", "target", "hitch_date"], name="one_hitch_per_habit_per_day"
            ),
            models.CheckConstraint(condition=~Q(sender=F("target")), name="not_oneself_hitch"),
        ]

    def __str__(self) -> str:
        return f"{self.hitch_date}"
