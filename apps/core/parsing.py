"""A request's body and query to checked values. Everything wrong with a request is reported together, as 422."""

import json
import re
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from apps.core.errors import Invalid, payload_too_large, unsupported_media_type, violation

MAX_DEPTH = 32
REMEMBERED = 200
BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
TYPES = {
    "required", "null", "blank", "invalid", "invalid_choice", "min_length", "max_length", "min_value", "max_value",
    "empty", "not_a_list", "duplicate", "weak_password", "json_invalid", "not_an_object",
}  # fmt: skip


def body(request: HttpRequest, shape: type[serializers.Serializer], *, partial: bool = False) -> dict[str, Any]:
    """The values of a JSON body that `shape` declares; with `partial`, only those that were sent."""
    return values(json_object(request), shape, partial=partial)


def values(data: dict[str, Any], shape: type[serializers.Serializer], *, partial: bool = False) -> dict[str, Any]:
    fields = _instance(shape, partial).fields
    if not partial:
        data = {key: value for key, value in data.items() if value is not None or _required(fields, key)}
    return _validate(_instance(shape, partial), data, "body")


def query(request: HttpRequest, shape: type[serializers.Serializer]) -> dict[str, Any]:
    """The values of the query string that `shape` declares, with its defaults."""
    raw = request.META.get("QUERY_STRING", "")
    return dict(_query_values_of(shape, raw)) if len(raw) <= REMEMBERED else _checked(shape, raw)


def _checked(shape: type[serializers.Serializer], raw: str) -> dict[str, Any]:
    return _validate(_instance(shape, False), query_values(raw) if raw else {}, "query")


# Clients ask the same few questions; a field costs more to validate than a row to load. Refusals are not remembered.
_query_values_of = lru_cache(maxsize=1024)(_checked)


def query_values(raw: str) -> dict[str, str | None]:
    """Parameters by name: the last of a repeated one, none that is empty. None = not UTF-8."""
    pairs = parse_qsl(raw.encode("latin-1", "replace"), keep_blank_values=True)
    return {_decode(key): _decode(value) for key, value in dict(pairs).items() if value}


def json_object(request: HttpRequest) -> dict[str, Any]:
    """The body as a JSON object of at most MAX_DEPTH levels, without duplicate keys, NaN or a byte order mark."""
    raw = _raw_body(request)
    try:
        text = raw.decode("utf-8")
        _refuse_depth(text)
        data = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constants)
    except (ValueError, RecursionError):
        raise Invalid([violation(["body"], "The body is not valid JSON.", "json_invalid")]) from None
    if not isinstance(data, dict):
        raise Invalid([violation(["body"], "The body must be a JSON object.", "not_an_object")])
    return data


def violations(detail: Any, loc: list) -> list[dict]:
    """DRF's tree of errors as the contract's flat list."""
    if isinstance(detail, dict):
        return [
            found
            for key, value in detail.items()
            for found in violations(value, loc if key == "non_field_errors" else [*loc, key])
        ]
    if isinstance(detail, list):
        return [found for value in detail for found in violations(value, loc)]
    code = detail.code if isinstance(detail, ErrorDetail) else "invalid"
    return [violation(loc, str(detail), code if code in TYPES else "invalid")]


def _raw_body(request: HttpRequest) -> bytes:
    limit = settings.MAX_JSON_BODY_BYTES
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > limit:
        raise payload_too_large(limit=limit)
    raw = request.read(limit + 1)
    if len(raw) > limit:
        raise payload_too_large(limit=limit)
    if raw and not _is_json(request):
        raise unsupported_media_type()
    return raw


def _is_json(request: HttpRequest) -> bool:
    charset = request.content_params.get("charset", "utf-8").strip("\"'").lower()
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower()
    return request.content_type == "application/json" and charset in ("utf-8", "utf8") and encoding in ("identity", "")


def _refuse_depth(text: str) -> None:
    # Few brackets cannot be deep: the usual body is not walked.
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return
    depth = 0
    for token in BRACKETS.finditer(text):
        if token[0] in "{[":
            depth += 1
            if depth > MAX_DEPTH:
                raise ValueError("too deep")
        elif token[0] in "}]":
            depth -= 1


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def _no_constants(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _decode(raw: bytes) -> str | None:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _required(fields: dict, key: str) -> bool:
    return key in fields and fields[key].required


def _validate(shape: serializers.Serializer, data: dict, location: str) -> dict[str, Any]:
    try:
        return shape.run_validation(data)
    except ValidationError as error:
        raise Invalid(violations(error.detail, [location])) from None


@lru_cache(maxsize=256)
def _instance(shape: type[serializers.Serializer], partial: bool) -> serializers.Serializer:
    """Building a serializer copies its fields; validation keeps nothing on it, so one serves every request."""
    return shape(partial=partial)
