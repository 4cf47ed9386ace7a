"""Numbered pages, and signed cursors that neither repeat nor skip a row (contract 1.6)."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date, datetime
from functools import lru_cache
from hmac import compare_digest
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db.models import QuerySet
from rest_framework import serializers

from apps.core import compiled
from apps.core.compiled import Bound, Call
from apps.core.errors import Invalid, violation
from apps.core.queries import QueryInteger, SearchText

type Rows = QuerySet | Bound

MAX_CURSOR_LENGTH = 512
READERS = {"date": date.fromisoformat, "datetime": datetime.fromisoformat, "uuid": UUID}


class PageQuery(serializers.Serializer):
    page = QueryInteger(min_value=1, default=1)
    limit = QueryInteger(min_value=1, max_value=100, default=20)


class CursorQuery(PageQuery):
    cursor = SearchText(required=False, max_length=MAX_CURSOR_LENGTH)


class Cursor:
    """A position in one endpoint's total order: `columns` maps the sort columns, all descending, to their types.

    The rows of a page must carry these columns.
    """

    def __init__(self, endpoint: str, **columns: str):
        self.endpoint, self.columns = endpoint, columns

    def encode(self, row: dict[str, Any]) -> str:
        position = urlsafe_b64encode(orjson.dumps([_plain(row[column]) for column in self.columns]))
        return f"{position.decode()}.{self._signature(position, settings.SECRET_KEY)}"

    def decode(self, cursor: str) -> list:
        """The position; 422 for a cursor that was tampered with or comes from another endpoint."""
        try:
            values = orjson.loads(urlsafe_b64decode(self._signed(cursor)))
            return [READERS[kind](value) for kind, value in zip(self.columns.values(), values, strict=True)]
        except (ValueError, TypeError):
            raise Invalid([violation(["query", "cursor"], "This cursor is not valid here.")]) from None

    def _signed(self, cursor: str) -> bytes:
        """The position of a cursor that we have signed; ValueError for any other."""
        position, _, signature = cursor.encode().rpartition(b".")
        secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        if not any(compare_digest(signature, self._signature(position, secret).encode()) for secret in secrets):
            raise ValueError("not ours")
        return position

    def _signature(self, position: bytes, secret: str) -> str:
        # django.core.signing derives its key anew for each signature, and so costs four times as much.
        return hmac.digest(_key(self.endpoint, secret), position, "sha256").hex()

    def after(self, rows: Rows, position: list) -> Rows:
        """The rows behind a position."""
        if isinstance(rows, Bound):
            return rows.after(dict(zip(self.columns, position, strict=True)))
        return compiled.behind(rows, list(self.columns), position)


def numbered(queryset: Rows, page: int, limit: int) -> dict[str, Any]:
    """`{"rows", "total", "page", "limit", "pages"}`; a page past the end costs no row query."""
    compiled.together(*first_page(queryset, {"page": page, "limit": limit}))
    total = queryset.count()
    start = (page - 1) * limit
    return paged(list(queryset[start : start + limit]) if start < total else [], total, page, limit)


def first_page(queryset: Rows, values: dict[str, Any]) -> tuple[Call, ...]:
    """What the first page of a compiled list will ask: its count and its rows, for core.compiled.together. Of later
    pages nothing, which may lie past the end, nor of those behind a cursor."""
    if values["page"] > 1 or "cursor" in values or not isinstance(queryset, Bound):
        return ()
    return queryset.counted(), queryset.slice(0, values["limit"])


def paged(rows: list[dict[str, Any]], total: int, page: int, limit: int) -> dict[str, Any]:
    """A page whose rows and total are known."""
    return {"rows": rows, "total": total, "page": page, "limit": limit, "pages": -(-total // limit)}


def continued(cursor: Cursor, found: dict[str, Any]) -> dict[str, Any]:
    """A numbered page with its `next_cursor`, None on the last one."""
    more = found["rows"] and found["page"] < found["pages"]
    return found | {"next_cursor": cursor.encode(found["rows"][-1]) if more else None}


def walked(queryset: Rows, cursor: Cursor, values: dict[str, Any]) -> dict[str, Any]:
    """A numbered page, or with `cursor` among the query's values the rows behind it: no COUNT, totals None."""
    limit = values["limit"]
    if "cursor" in values:
        position = cursor.decode(values["cursor"])
        return behind(cursor.after(queryset, position), cursor, limit)
    return continued(cursor, numbered(queryset, values["page"], limit))


def behind(queryset: Rows, cursor: Cursor, limit: int) -> dict[str, Any]:
    """The first `limit` rows of a queryset that already starts behind a cursor. One more row tells of a next page."""
    rows = list(queryset[: limit + 1])
    more, rows = len(rows) > limit, rows[:limit]
    return {
        "rows": rows,
        "total": None,
        "page": None,
        "limit": limit,
        "pages": None,
        "next_cursor": cursor.encode(rows[-1]) if more else None,
    }


@lru_cache(maxsize=64)
def _key(endpoint: str, secret: str) -> bytes:
    return hashlib.sha256(f"cursor:{endpoint}:{secret}".encode()).digest()


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
