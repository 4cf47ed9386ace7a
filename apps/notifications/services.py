"""Writes of notifications, and of the device that they are pushed to.

A notification is written in the transaction of its cause: none is lost, none stands for something rolled back.
"""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.db.models.functions import Coalesce

from apps.accounts.models import User
from apps.core import clock
from apps.core.text import cut
from apps.core.transactions import transactional
from apps.notifications import cache, errors
from apps.notifications.models import Notification, NotificationType

# A part of a statement that reads `freed` runs after it, so the unique index finds the token free.
MOVE_DEVICE = """
WITH freed AS (
    UPDATE users SET push_token = NULL, push_device_type = NULL, updated_at = %(now)s
    WHERE push_token = %(token)s AND id <> %(user_id)s
    RETURNING id
)
UPDATE users SET push_token = %(token)s, push_device_type = %(device_type)s, updated_at = %(now)s
WHERE id = %(user_id)s AND (SELECT count(*) FROM freed) >= 0
"""


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
    now, user_ids = clock.now(), list(user_ids)
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
    cache.expire_inboxes(user_ids)


@transactional
def resend_notification(*, notification_id: UUID) -> None:
    """The same once more, unread and on top, as if its cause had happened now."""
    columns = ("user_id", "type", "title", "body", "data", "action_url")
    sent = Notification.objects.filter(pk=notification_id).values(*columns).first()
    if not sent:
        raise errors.notification_not_found()
    notify([sent.pop("user_id")], sent.pop("type"), **sent)


@transactional
def mark_read(*, user_id: UUID, notification_ids: list[UUID]) -> int:
    """How many of the ids are the user's own, read before or not. The time of the first reading stays."""
    cache.expire_inboxes([user_id])
    own = Notification.objects.visible_to(user_id, clock.now()).filter(pk__in=notification_ids)
    return own.update(is_read=True, read_at=Coalesce(F("read_at"), clock.now()))


@transactional
def mark_all_read(*, user_id: UUID) -> int:
    """How many were unread."""
    cache.expire_inboxes([user_id])
    return Notification.objects.visible_to(user_id, clock.now()).unread().update(is_read=True, read_at=clock.now())


@transactional
def delete_notification(*, user_id: UUID, notification_id: UUID) -> None:
    deleted, _ = Notification.objects.visible_to(user_id, clock.now()).filter(pk=notification_id).delete()
    if not deleted:
        raise errors.notification_not_found()
    cache.expire_inboxes([user_id])


@transactional
def register_push_token(*, user_id: UUID, token: str, device_type: str) -> None:
    """One per user, the last wins; a token belongs to one device, so it is taken from any other account.

    Registrations of one token queue: the unique index alone would turn all but one of them into errors.
    """
    if not (token.startswith("ExponentPushToken[") and token.endswith("]")):
        raise errors.invalid_push_token()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ["push_token:" + token])
        cursor.execute(
            MOVE_DEVICE, {"token": token, "user_id": user_id, "device_type": device_type, "now": clock.now()}
        )


@transactional
def forget_push_token(*, user_id: UUID) -> None:
    User.objects.filter(pk=user_id).update(push_token=None, push_device_type=None, updated_at=clock.now())
