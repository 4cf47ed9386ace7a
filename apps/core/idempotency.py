"""Idempotency-Key (contract 1.10): a call that is sent again is answered as it was the first time, without effect.

    def post(self, request):
        return once(self, JoinSerializer, self.join)  # join(values) calls the service and makes the answer

The answer is a row in the transaction of the effect: both are there, or neither. While the first call runs, an advisory
lock of its transaction says so; it ends with the transaction, however that ends. An effect that is refused is undone up
to a savepoint, and the refusal is the answer that is kept.
"""

import contextlib
import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from rest_framework import serializers

from apps.core import clock, errors, parsing
from apps.core.answers import Json
from apps.core.errors import Invalid, idempotency_key_reused, request_in_progress, violation
from apps.core.models import uuid7
from apps.core.transactions import transactional

HEADER = "Idempotency-Key"
PRINTABLE = re.compile(r"[\x20-\x7e]{1,255}")
REMEMBERED_REFUSALS = (400, 403, 404)
ATTEMPTS = 3

# An answer needs no lock: of equal calls that come late each is answered.
CLAIM = """
SELECT k.status, k.body_hash, k.body, CASE WHEN k.status IS NULL THEN pg_try_advisory_xact_lock(%(lock)s::bigint) END
FROM (VALUES (1)) AS one LEFT JOIN idempotency_keys k
    ON k.user_id = %(user_id)s AND k.path = %(path)s AND k.key = %(key)s AND k.expires_at > %(now)s
"""
# By hand, because only an expired row may be replaced, and the ORM's upsert knows no condition.
KEEP = """
INSERT INTO idempotency_keys AS old (id, user_id, path, key, body_hash, status, body, created_at, expires_at)
VALUES (%(id)s, %(user_id)s, %(path)s, %(key)s, %(body_hash)s, %(status)s, %(body)s, %(now)s, %(expires_at)s)
ON CONFLICT ON CONSTRAINT one_answer_per_key DO UPDATE
SET body_hash = EXCLUDED.body_hash, status = EXCLUDED.status, body = EXCLUDED.body,
    created_at = EXCLUDED.created_at, expires_at = EXCLUDED.expires_at
WHERE old.expires_at <= EXCLUDED.created_at
RETURNING id
"""


class Call(NamedTuple):
    """`path` without a slash at its end; two calls are equal when their bodies are the same JSON."""

    user_id: UUID
    path: str
    key: str
    body_hash: str

    @property
    def lock(self) -> int:
        """Of two different calls with one number the later is told to wait: of 2^64 numbers that will not happen."""
        name = f"{self.user_id} {self.path} {self.key}".encode()
        return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), signed=True)


class AnsweredMeanwhile(Exception):
    """The first call committed between this one's look for its answer and the lock: nothing of this one may stay."""


def once(view: Any, shape: type[serializers.Serializer], act: Callable[[dict[str, Any]], Json]) -> HttpResponse:
    """The answer of `act` to the body's values; with a key, the one that was given before if there is one."""
    request = view.request._request
    body, values, key = _read(request, shape)
    if key is None:
        return act(values)
    call = Call(view.request.user.id, request.path_info, key, _digest(body))
    for _ in range(ATTEMPTS):
        with contextlib.suppress(AnsweredMeanwhile):
            return _answer(call, partial(act, values))
    raise request_in_progress()


@transactional
def _answer(call: Call, act: Callable[[], Json]) -> HttpResponse:
    ((status, body_hash, body, is_first),) = _rows(CLAIM, call, lock=call.lock)
    if status is None and not is_first:
        raise request_in_progress()
    if status is None:
        return _kept(call, _acted(act))
    if body_hash != call.body_hash:
        raise idempotency_key_reused()
    return Json(bytes(body), status, {"Idempotent-Replayed": "true"})


def _acted(act: Callable[[], Json]) -> HttpResponse:
    """What is not to be remembered goes on as an exception, and takes the whole transaction with it."""
    try:
        with transaction.atomic():
            return act()
    except Exception as error:
        if errors.translate(error).status_code not in REMEMBERED_REFUSALS:
            raise
        return errors.answer(error)


def _kept(call: Call, answer: HttpResponse) -> HttpResponse:
    expires_at = clock.now() + timedelta(hours=settings.IDEMPOTENCY_KEY_HOURS)
    given = {"id": uuid7(), "status": answer.status_code, "body": answer.content, "expires_at": expires_at}
    if not _rows(KEEP, call, **given):
        raise AnsweredMeanwhile
    return answer


def _rows(sql: str, call: Call, **values: Any) -> list[tuple]:
    return connection.rows(sql, call._asdict() | {"now": clock.now()} | values, prepared=True)


def _read(request: HttpRequest, shape: type[serializers.Serializer]) -> tuple[dict, dict, str | None]:
    """The body, its values and the key. All that is wrong with any of them is reported together."""
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    wrong = []
    if key is not None and not PRINTABLE.fullmatch(key):
        wrong = [violation(["header", HEADER], "Must be 1 to 255 printable ASCII characters.")]
    try:
        body = parsing.json_object(request)
        values = parsing.values(body, shape)
    except Invalid as error:
        raise Invalid(error.sentence + wrong) from None
    if wrong:
        raise Invalid(wrong)
    return body, values, key


def _digest(body: dict[str, Any]) -> str:
    """The same for bodies that are equal once they are parsed, in whatever order their fields came."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
