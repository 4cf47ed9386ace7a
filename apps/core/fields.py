"""Strict fields: JSON values as they are, never coerced. They validate bodies and describe them in OpenAPI."""

import re
from datetime import date
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from rest_framework import serializers

from apps.core import clock, text

UUID_FORM = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
DATE_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)


def parse_uuid(value: Any) -> UUID | None:
    """A UUID in the 8-4-4-4-12 form, else None."""
    return UUID(value) if isinstance(value, str) and UUID_FORM.fullmatch(value) else None


def parse_date(value: Any) -> date | None:
    """A real day as YYYY-MM-DD between 2000 and 2100, else None."""
    if not (isinstance(value, str) and DATE_FORM.fullmatch(value)):
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


class Text(serializers.CharField):
    """A JSON string in NFC, trimmed. Lengths count code points after that.

    `lines` allows line breaks and tabs; `name` refuses bidirectional controls and blank text; an empty optional text
    becomes None unless `keep_empty`.
    """

    default_error_messages = {
        "invalid": "Must be a string.",
        "forbidden": "Holds characters that are not allowed.",
        "min_length": "Must have at least {min_length} characters.",
        "max_length": "Must have at most {max_length} characters.",
    }

    def __init__(self, *, lines: bool = False, name: bool = False, keep_empty: bool = False, **kwargs):
        self.lines, self.is_name, self.keep_empty = lines, name, keep_empty
        kwargs.setdefault("allow_blank", not name)
        super().__init__(trim_whitespace=False, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> str | None:
        if isinstance(data, str):
            data = text.normalise(data)
            if not self.allow_blank and text.is_blank(data):
                self.fail("blank")
            if data == "" and not self.keep_empty and self.allow_blank:
                return None
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if text.has_forbidden(data, lines=self.lines, bidirectional=not self.is_name):
            raise serializers.ValidationError(self.error_messages["forbidden"], code="invalid")
        return data


class Integer(serializers.IntegerField):
    """A JSON integer of 32 bits."""

    default_error_messages = {
        "invalid": "Must be an integer.",
        "min_value": "Must be at least {min_value}.",
        "max_value": "Must be at most {max_value}.",
    }

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int) or not -(2**31) <= data < 2**31:
            self.fail("invalid")
        return data


class Boolean(serializers.BooleanField):
    default_error_messages = {"invalid": "Must be true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class Id(serializers.UUIDField):
    default_error_messages = {"invalid": "Must be a valid UUID."}

    def to_internal_value(self, data: Any) -> UUID:
        return parse_uuid(data) or self.fail("invalid")


class Date(serializers.DateField):
    default_error_messages = {"invalid": "Must be a date as YYYY-MM-DD, from 2000-01-01 to 2100-12-31."}

    def to_internal_value(self, data: Any) -> date:
        return parse_date(data) or self.fail("invalid")


class Choice(serializers.ChoiceField):
    default_error_messages = {"invalid_choice": "Must be one of: {allowed}."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", allowed=", ".join(self.choices))
        return data


class Timezone(serializers.CharField):
    """A name of the pinned tz database, case-sensitive."""

    default_error_messages = {"invalid": "Must be an IANA time zone name."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in clock.timezones():
            self.fail("invalid")
        return data


class Url(Text):
    """An absolute http or https URL of at most 2048 characters; an empty one becomes None."""

    default_error_messages = {"invalid": "Must be an absolute http or https URL."}

    def __init__(self, **kwargs):
        super().__init__(max_length=2048, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        if any(char.isspace() for char in value) or not _is_web_address(value):
            self.fail("invalid")
        return value


class Ids(serializers.ListField):
    """A list of different UUIDs."""

    default_error_messages = {
        "not_a_list": "Must be a list.",
        "empty": "Must not be empty.",
        "min_length": "Must have at least {min_length} items.",
        "max_length": "Must have at most {max_length} items.",
        "duplicate": "Is in the list twice.",
    }

    def __init__(self, *, unique: bool = True, **kwargs):
        self.unique = unique
        super().__init__(child=Id(), allow_empty=False, **kwargs)

    def to_internal_value(self, data: Any) -> list[UUID]:
        if not isinstance(data, list):
            raise serializers.ValidationError(self.error_messages["not_a_list"], code="not_a_list")
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        ids = super().to_internal_value(data)
        if self.unique:
            self._refuse_duplicates(ids)
        return ids

    def _refuse_duplicates(self, ids: list[UUID]) -> None:
        again = {position for position, id in enumerate(ids) if id in ids[:position]}
        if again:
            message = self.error_messages["duplicate"]
            raise serializers.ValidationError(
                {position: [serializers.ErrorDetail(message, code="duplicate")] for position in again}
            )


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and port_is_fine
