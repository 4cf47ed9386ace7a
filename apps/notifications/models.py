from django.db import models
from django.db.models import Q

from apps.core.models import CreatedAt, Key, StrictManager, enumeration, not_negative, one_of, reference
from apps.notifications.querysets import NotificationQuerySet


class NotificationType(models.TextChoices):
    FRIEND_REQUEST = "friend_request"
    FRIEND_ACCEPTED = "friend_accepted"
    CHALLENGE_INVITE = "challenge_invite"
    CHALLENGE_STARTED = "challenge_started"
    CHALLENGE_COMPLETED = "challenge_completed"
    HITCH_REMINDER = "hitch_reminder"
    STREAK_MILESTONE = "streak_milestone"
    STREAK_REMINDER = "streak_reminder"
    MEMBER_JOINED = "member_joined"
    MEMBER_LEFT = "member_left"


class Notification(models.Model):
    id = Key()
    user = reference("accounts.User", "notifications")
    type = enumeration(NotificationType)
    title = models.CharField(max_length=200)
    body = models.CharField(max_length=500)
    data = models.JSONField(default=dict, blank=True)
    action_url = models.CharField(max_length=500, null=True, blank=True)
    is_read = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True, blank=True)
    dedupe_key = models.CharField(max_length=120, null=True, blank=True)
    created_at = CreatedAt()
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = StrictManager.from_queryset(NotificationQuerySet)()

    class Meta:
        db_table = "notifications"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "dedupe_key"], name="one_notification_per_event", condition=Q(dedupe_key__isnull=False)
            ),
            one_of("type", NotificationType, name="known_notification_type"),
            models.CheckConstraint(
                condition=Q(is_read=True, read_at__isnull=False) | Q(is_read=False, read_at__isnull=True),
                name="read_at_set_when_read",
            ),
        ]
        indexes = [
            # Unread count, unread list, mark-all-read.
            models.Index(
                fields=["user", "-created_at"], name="idx_notifications_user_unread", condition=Q(is_read=False)
            ),
            # The whole list and its cursor.
            models.Index(fields=["user", "-created_at", "-id"], name="idx_notifications_user_created"),
            # Clean-up: those that have expired.
            models.Index(fields=["expires_at"], name="idx_notifications_expires"),
        ]

    def __str__(self) -> str:
        return self.title


class Push(models.Model):
    """A notification that is still to be sent to its owner's device. Gone when it was sent, or given up."""

    # The database deletes it with its notification: Django would look for it at each delete of one.
    notification = models.OneToOneField(
        Notification, on_delete=models.DO_NOTHING, primary_key=True, related_name="push", db_constraint=False
    )
    attempts = models.SmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()

    objects = StrictManager()

    class Meta:
        db_table = "push_outbox"
        verbose_name_plural = "pushes"
        constraints = [not_negative("attempts", name="push_attempts_not_negative")]
        indexes = [
            # send-pushes: those that are due, the longest first.
            models.Index(fields=["next_attempt_at"], name="idx_push_outbox_due"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
