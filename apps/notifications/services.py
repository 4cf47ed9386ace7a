"""Writing notifications: always in the transaction of their cause, so that none is lost and none is false."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.conf import settings

from apps.core import clock
from apps.core.text import cut
from apps.notifications.models import Notification, NotificationType


def notify(
    user_ids: Iterable[UUID],
    type: NotificationType,
    *,
    title: str,
    body: str,
    data: dict,
    action_url: str | None = None,
    dedupe_key: str | None = None,
) -> None:
    """One row per user in one statement. With `dedupe_key` a second one for the same event is dropped silently.

    `data` holds JSON values: ids as strings.
    """
    now = clock.now()
    Notification.objects.bulk_create(
        [
            Notification(
                user_id=user_id,
                type=type,
                title=cut(title, 200),
                body=cut(body, 500),
                data=data,
                action_url=action_url,
                dedupe_key=dedupe_key,
                created_at=now,
                expires_at=now + timedelta(hours=settings.NOTIFICATION_EXPIRY_HOURS),
            )
            for user_id in user_ids
        ],
        ignore_conflicts=dedupe_key is not None,
    )
