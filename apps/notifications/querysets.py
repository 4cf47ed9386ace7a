from uuid import UUID

from django.db import models
from django.db.models import Q

from apps.core import clock

FIELDS = (
    "id", "user_id", "type", "title", "body", "data", "action_url", "is_read", "read_at", "created_at", "expires_at",
)  # fmt: skip


class NotificationQuerySet(models.QuerySet):
    def visible_to(self, user_id: UUID) -> "NotificationQuerySet":
        """A user's own, without the expired ones: those are invisible everywhere until a job deletes them."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=clock.now()), user=user_id)

    def unread(self) -> "NotificationQuerySet":
        return self.filter(is_read=False)

    def for_list(self, user_id: UUID, *, unread_only: bool) -> "NotificationQuerySet":
        visible = self.visible_to(user_id)
        if unread_only:
            visible = visible.unread()
        return visible.order_by("-created_at", "-id").values(*FIELDS)
