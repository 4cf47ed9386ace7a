"""Writes of notifications, and of the device that they are pushed to.

A notification is written in the transaction of its cause: none is lost, none stands for something rolled back.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection
from django.db.models import DateTimeField, F, UUIDField
from django.db.models.functions import Coalesce

from apps.accounts.models import User
from apps.core import clock
from apps.core.arrays import array
from apps.core.compiled_updates import Update
from apps.core.models import uuid7
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

# What is told, and to whom, as arrays: as rows of VALUES a batch of thousands has more parameters than a statement may.
WRITE = """
WITH written AS (
    INSERT INTO notifications (
        id, user_id, type, title, body, data, action_url, is_read, dedupe_key, created_at, expires_at
    )
    SELECT id, user_id, type, title, body, data::jsonb, action_url, FALSE, dedupe_key, %(now)s, %(expires_at)s
    FROM unnest(%(ids)s::uuid[], %(user_ids)s::uuid[], %(numbers)s::int[]) AS t (id, user_id, number)
    JOIN unnest(
        %(types)s::text[], %(titles)s::text[], %(bodies)s::text[], %(data)s::text[], %(action_urls)s::text[],
        %(dedupe_keys)s::text[]
    ) WITH ORDINALITY AS what (type, title, body, data, action_url, dedupe_key, number) USING (number)
    ORDER BY user_id, id
    ON CONFLICT (user_id, dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING
    RETURNING id, user_id
)
"""
COUNT = "SELECT count(*) FROM written"
PUSH = """
, pushed AS (
    INSERT INTO push_outbox (notification_id, attempts, next_attempt_at)
    SELECT w.id, 0, %(now)s FROM written w JOIN users u ON u.id = w.user_id WHERE u.push_token IS NOT NULL
)
"""


_mark_all_read = Update(
    lambda user_id, now: (
        Notification.objects.visible_to(user_id, now).unread(),
        {"is_read": True, "read_at": now},
    ),
    user_id=UUIDField(),
    now=DateTimeField(),
)


class Notice(NamedTuple):
    """What some people are told. `data` holds JSON values: ids as strings."""

    user_ids: list[UUID]
    type: NotificationType
    title: str
    body: str
    data: dict
    action_url: str | None = None
    dedupe_key: str | None = None


def notify(user_ids: Iterable[UUID], type: NotificationType, **what: Any) -> None:
    """The same to everybody. `what`: title, body, data, action_url, dedupe_key."""
    notify_many([Notice(list(user_ids), type, **what)])


def notify_many(notices: list[Notice]) -> int:
    """One statement, whoever is told what. With `dedupe_key` a second one for the same event is dropped silently.

    Answers how many were written. Whoever has a device is to get each of them pushed, where pushes are on.
    """
    told = {user_id for notice in notices for user_id in notice.user_ids}
    if not told:
        return 0
    # Requests tell one thing at a time; of a batch, the sizes are worth a plan.
    sql = WRITE + (PUSH if settings.EXPO_ACCESS_TOKEN else "") + COUNT
    ((written,),) = connection.rows(sql, _columns(notices), prepared=len(notices) == 1)
    cache.expire_inboxes(told)
    return written


def _columns(notices: list[Notice]) -> dict[str, Any]:
    now = clock.now()
    told = [(user_id, number) for number, notice in enumerate(notices, 1) for user_id in notice.user_ids]
    return {
        "ids": array(uuid7() for _ in told),
        "user_ids": array(user_id for user_id, _ in told),
        "numbers": array(number for _, number in told),
        "types": [str(notice.type) for notice in notices],
        "titles": [cut(notice.title, 200) for notice in notices],
        "bodies": [cut(notice.body, 500) for notice in notices],
        "data": [orjson.dumps(notice.data).decode() for notice in notices],
        "action_urls": [notice.action_url for notice in notices],
        "dedupe_keys": [notice.dedupe_key for notice in notices],
        "now": now,
        "expires_at": now + timedelta(hours=settings.NOTIFICATION_EXPIRY_HOURS),
    }


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
    return _mark_all_read.run(user_id=user_id, now=clock.now())


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
