from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import F, Func, Q

FIELDS = (
    "id", "user_id", "type", "title", "body", "data", "action_url", "is_read", "read_at", "created_at", "expires_at",
)  # fmt: skip


class NotificationQuerySet(models.QuerySet):
    def visible_to(self, user_id: UUID, now: datetime) -> "NotificationQuerySet":
        """A user's own, without the expired ones: those are invisible everywhere until a job deletes them."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), user=user_id)

    def unread(self) -> "NotificationQuerySet":
        return self.filter(is_read=False)

    def for_count(self, user_id: UUID, now: datetime) -> models.QuerySet:
        """One row: how many are unread, and when the first of them expires."""
        number = Func(template="COUNT(*)", output_field=models.IntegerField())
        first = Func(F("expires_at"), function="MIN", output_field=models.DateTimeField())
        return self.visible_to(user_id, now).unread().values_list(number, first)

    def for_list(self, user_id: UUID, now: datetime) -> "NotificationQuerySet":
        return self.visible_to(user_id, now).order_by("-created_at", "-id").values(*FIELDS)
