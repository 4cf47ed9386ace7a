from django.db import models
from django.db.models import Q

from apps.core.models import CreatedAt, Key, StrictManager, enumeration, one_of, reference
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
        ]

    def __str__(self) -> str:
        return self.title
