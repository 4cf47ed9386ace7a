"""What waits in push_outbox, to the devices of its owners, by way of Expo (contract 3.11).

A batch is claimed by moving its next attempt into the future, so that nobody else takes it and no transaction is open
while Expo is asked. Who dies between asking and deleting makes a push come twice; never does one get lost by that.
"""

import http.client
import logging
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection

from apps.core import clock
from apps.core.transactions import transactional
from apps.notifications.models import Push

logger = logging.getLogger("darezone.pushes")

MOST_MESSAGES, MOST_BYTES, TIMEOUT_SECONDS = 100, 1024 * 1024, 10
# After each attempt; what five of them could not send is dropped.
PAUSES = [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=4)]
# Trying again helps nobody: the app is gone from the device, or the message is what it is.
FINAL = ("DeviceNotRegistered", "MessageTooBig")

CLAIM = """
WITH due AS MATERIALIZED (
    SELECT notification_id FROM push_outbox WHERE next_attempt_at <= %(now)s
    ORDER BY next_attempt_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE push_outbox p SET
    attempts = p.attempts + 1,
    next_attempt_at = %(now)s + (%(pauses)s::interval[])[LEAST(p.attempts + 1, %(most)s)]
FROM due
JOIN notifications n ON n.id = due.notification_id
JOIN users u ON u.id = n.user_id
WHERE p.notification_id = due.notification_id
RETURNING p.notification_id, p.attempts, n.title, n.body, n.data,
    CASE WHEN u.is_active AND (n.expires_at IS NULL OR n.expires_at > %(now)s) THEN u.push_token END
"""


class Claimed(NamedTuple):
    id: UUID
    attempts: int
    title: str
    body: str
    data: dict
    token: str | None
    """None when there is no device any more, or nothing left to tell."""

    @property
    def is_to_be_sent(self) -> bool:
        return self.token is not None and self.attempts <= len(PAUSES)


class Refused(Exception):
    """Expo did not take the batch."""


@transactional
def claim() -> list[Claimed]:
    """Up to a hundred that are due, the longest first. They are due again after a pause, unless they are deleted."""
    values = {"now": clock.now(), "pauses": PAUSES, "most": len(PAUSES), "limit": MOST_MESSAGES}
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        rows = cursor.fetchall()
    return [Claimed(id, attempts, title, body, _loaded(data), token) for id, attempts, title, body, data, token in rows]


def deliver(batch: list[Claimed]) -> dict[str, int]:
    """Sends them and deletes those that are done with; how many were sent, postponed and dropped."""
    to_send = [push for push in batch if push.is_to_be_sent]
    errors = dict(zip((push.id for push in to_send), _send(to_send), strict=True)) if to_send else {}
    sent = [push for push in to_send if errors[push.id] is None]
    later = [push for push in to_send if _is_worth_another(push, errors[push.id])]
    dropped = [push for push in batch if push not in sent and push not in later]
    _forget(sent + dropped)
    for push in dropped:
        fields = {"notification": str(push.id), "attempts": push.attempts, "error": errors.get(push.id) or "no device"}
        logger.error("push dropped", extra={"fields": fields})
    return {"sent": len(sent), "postponed": len(later), "dropped": len(dropped)}


def _is_worth_another(push: Claimed, error: str | None) -> bool:
    return error is not None and error not in FINAL and push.attempts < len(PAUSES)


def _send(pushes: list[Claimed]) -> list[str | None]:
    """What was wrong with each: None when it was taken."""
    try:
        return [_error(ticket) for ticket in _post([_message(push) for push in pushes])]
    except (OSError, http.client.HTTPException, ValueError, Refused) as error:
        reason = str(error) if isinstance(error, Refused) else type(error).__name__
        logger.warning("push batch failed", extra={"fields": {"messages": len(pushes), "error": reason}})
        return [reason] * len(pushes)


def _message(push: Claimed) -> dict[str, Any]:
    told = {"to": push.token, "title": push.title, "body": push.body, "data": push.data}
    return told | {"sound": "default", "priority": "high", "badge": 1}


def _post(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Expo's tickets, in the order of the messages. Follows no redirect: the bearer token is for one address."""
    url = urlsplit(settings.EXPO_PUSH_URL)
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    server = kind(url.hostname or "", url.port, timeout=TIMEOUT_SECONDS)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {settings.EXPO_ACCESS_TOKEN}"}
    try:
        server.request("POST", url.path or "/", orjson.dumps(messages), headers)
        answer = server.getresponse()
        if answer.status != http.client.OK:
            raise Refused(f"status {answer.status}")
        tickets = orjson.loads(answer.read(MOST_BYTES))
    finally:
        server.close()
    return _checked(tickets, len(messages))


def _checked(answer: Any, count: int) -> list[dict[str, Any]]:
    tickets = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(tickets, list) or len(tickets) != count or not all(isinstance(one, dict) for one in tickets):
        raise Refused("an answer without a ticket for each message")
    return tickets


def _error(ticket: dict[str, Any]) -> str | None:
    if ticket.get("status") == "ok":
        return None
    details = ticket.get("details")
    return str(details.get("error") if isinstance(details, dict) else None)[:100]


@transactional
def _forget(pushes: list[Claimed]) -> None:
    Push.objects.filter(pk__in=[push.id for push in pushes]).delete()


def _loaded(data: Any) -> dict:
    """jsonb as it comes: Django takes care of its own columns only, and leaves it as text here."""
    return orjson.loads(data) if isinstance(data, str | bytes) else data
