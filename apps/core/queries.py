"""Fields of a query string: every value arrives as text."""

from typing import Any

from apps.core import fields
from apps.core.text import has_forbidden

BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class QueryInteger(fields.Integer):
    """1-9 ASCII digits."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, str) or not (data.isascii() and data.isdigit() and len(data) <= 9):
            self.fail("invalid")
        return int(data)


class QueryBoolean(fields.Boolean):
    def to_internal_value(self, data: Any) -> bool:
        value = BOOLEANS.get(data)
        return self.fail("invalid") if value is None else value


class SearchText(fields.Text):
    """Text to look for, as it was typed: `%`, `_` and `\\` are literal."""

    def __init__(self, **kwargs):
        super().__init__(allow_blank=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or has_forbidden(data):
            self.fail("invalid")
        return data
