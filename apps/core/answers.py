"""Answers: data to JSON bytes. orjson writes UUIDs, dates and aware timestamps in the contract's forms."""

from decimal import Decimal
from typing import Any

import orjson
from django.http import HttpResponse


class Json(HttpResponse):
    """A JSON answer. `data` may hold UUIDs, dates, aware datetimes and Decimals; bytes are JSON already."""

    def __init__(self, data: Any, status: int = 200, headers: dict | None = None):
        body = data if isinstance(data, bytes) else to_bytes(data)
        super().__init__(body, content_type="application/json", status=status, headers=headers)


class Empty(HttpResponse):
    """204."""

    def __init__(self):
        super().__init__(status=204)
        del self.headers["Content-Type"]


def to_bytes(data: Any) -> bytes:
    return orjson.dumps(data, default=_other, option=orjson.OPT_UTC_Z)


def success(message: str) -> Json:
    return Json({"success": True, "message": message, "data": None})


def _other(value: Any) -> float | str:
    if isinstance(value, Decimal):
        return float(value)
    return str(value)
