"""Values that a field must refuse, by its kind. The numbers are rows of docs/hard-cases.md."""

from typing import Any

from rest_framework import serializers

from apps.accounts.fields import Email
from apps.challenges.serializers.members import InviteCode
from apps.core import fields
from apps.core.queries import QueryBoolean, QueryInteger, SearchText

ID = "0190b6a0-0000-7000-8000-000000000001"
NO_TEXT = [1, 1.5, True, {}, {"a": "b"}, [], ["x"]]
FORBIDDEN_TEXT = ["a\x00b", "\ud800", "a\x1bb", "\x00"]
FORBIDDEN_NAMES = ["   ", "\u200b\u200d", "", "\u202eabc", "a\u2066b", "a\nb"]
NO_DATES = [
    "2026-W01-1", "20260101", "٢٠٢٦-٠١-٠١", "0000-01-01", "2026-02-30", "2025-02-29", "1999-12-31", "2101-01-01",
    "2026-1-1", "2026-01-01T00:00:00Z", " 2026-01-01", "tomorrow", "",
]  # fmt: skip
NO_ZONES = [
    "../../etc/passwd", "localtime", "Factory", "posixrules", "x" * 5000, "utc", "europe/berlin", "Europe/", "+02:00",
    "", "right/UTC", "posix/UTC", "UTC\x00", "/usr/share/zoneinfo/UTC",
]  # fmt: skip
NO_ADDRESSES = [
    "",
    "a",
    "a@",
    "@b.test",
    "a b@c.test",
    "a@b@c.test",
    "a\x00@b.test",
    "a@b..test",
    "x" * 300 + "@b.test",
]
NO_WEB_ADDRESSES = [
    "javascript:alert(1)", "ftp://a.test/x", "//a.test/x", "/x", "http://", "http://a b.test/", "http://u:p@a.test/",
    "http://a.test:99999/", "https://a.test/" + "x" * 2048, "http://a.test/\x00", "data:text/html,x", "http://[::1",
]  # fmt: skip
NO_INTEGERS = ["1", 1.5, 1.0, True, {}, [], 10**20, 2**31, -(2**31) - 1, 1e300]
NO_BOOLEANS = [1, 0, "true", "", {}, [], 1.0]
NO_IDS = ["x", "", 1, True, {}, [], f"{{{ID}}}", f"urn:uuid:{ID}", ID.replace("-", ""), f" {ID}", f"{ID}\n"]
NO_LISTS = ["x", 1, {}, [], None, [1], ["x"], [f"{{{ID}}}"], [None], [[ID]], ["x"] * 10_000]
# Of a query string, where everything is text.
NO_NUMBERS = ["0", "-1", "abc", "1.5", "%00", "9" * 5000, "1e3", "٣", "+1", "%201", "4294967297", "%FF", "0x1"]
NO_SEARCHES = ["%00", "a%00b", "%FF", "%ED%A0%80", "x" * 100_000]
NO_CURSORS = ["x", "x.y", ".", "%00", "x" * 1_000_000, "W10.W10", "null"]


# From the particular to the general: an Email is a Text.
KINDS = (
    (fields.Integer, NO_INTEGERS),
    (fields.Boolean, NO_BOOLEANS),
    (fields.Ids, NO_LISTS),
    (fields.Id, NO_IDS),
    (fields.Date, NO_TEXT + NO_DATES),
    (fields.Timezone, NO_TEXT + NO_ZONES),
    (fields.Choice, [*NO_TEXT, "nonsense", "", *FORBIDDEN_TEXT]),
    (fields.Url, NO_TEXT + NO_WEB_ADDRESSES),
    (Email, NO_TEXT + FORBIDDEN_TEXT + NO_ADDRESSES),
    (InviteCode, [*NO_TEXT, *FORBIDDEN_TEXT, "ABC", "ABCDEFG", "ABC DE", "ÄBCDEF", "ABC-EF"]),
)


def of_body(field: serializers.Field) -> list[Any]:
    for kind, values in KINDS:
        if isinstance(field, kind):
            return values
    assert isinstance(field, fields.Text), f"say here what {type(field).__name__} must refuse"
    return of_text(field)


def of_text(field: fields.Text) -> list[Any]:
    names = FORBIDDEN_NAMES if field.is_name else []
    return [*NO_TEXT, *FORBIDDEN_TEXT, *names, "x" * ((field.max_length or 0) + 1)]


def of_query(name: str, field: serializers.Field) -> list[str]:
    """As they stand in a URL."""
    match field:
        case QueryInteger():
            return [*NO_NUMBERS, str((field.max_value or 10**9) + 1)]
        case QueryBoolean():
            return ["yes", "TRUE", "2", "%00"]
        case SearchText():
            return NO_CURSORS if name == "cursor" else NO_SEARCHES
        case fields.Date():
            return [value for value in NO_DATES if value and value.isascii() and " " not in value]
        case fields.Id():
            return ["x", "%00", f"%7B{ID}%7D", ID.replace("-", ""), f"urn:uuid:{ID}"]
        case fields.Choice():
            return ["nonsense", "%00", "ACTIVE"]
    raise AssertionError(f"say here what {type(field).__name__} must refuse")
