"""The project's OpenAPI document as JSON Schema, to hold answers against it."""

import json
from functools import lru_cache
from typing import Any

import jsonschema_rs
import orjson

from apps.core.views import openapi_bytes

IGNORED = ("nullable", "examples", "example")


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    return json.loads(openapi_bytes())


def violation(value: Any, schema: dict[str, Any], *, exact: bool = False) -> str | None:
    """What of `value` does not fit; with `exact` also keys that the shape does not declare."""
    return wrong(value, validator(orjson.dumps(schema), exact))


def wrong(value: Any, checker: jsonschema_rs.Draft202012Validator) -> str | None:
    if checker.is_valid(value):
        return None
    error = next(checker.iter_errors(value))
    return f"{'.'.join(map(str, error.instance_path)) or 'the whole'}: {error.message}"


def operation(method: str, pattern: str) -> dict[str, Any] | None:
    """`pattern` is a route as the URLconf writes it, without converters: /api/v1/users/<user_id>."""
    path = pattern.replace("<", "{").replace(">", "}")
    return document()["paths"].get(path, {}).get(method.lower())


def answer_schema(method: str, pattern: str, status: int) -> dict[str, Any] | None:
    """The declared JSON of a route's answer; None where the answer is none, or the route is not documented."""
    found = operation(method, pattern)
    content = found and found["responses"][str(status)].get("content", {})
    return content["application/json"]["schema"] if content and "application/json" in content else None


def asked(method: str, pattern: str) -> dict[str, set[str]] | None:
    """What a documented operation declares that it reads: the fields of its JSON body, and those of its query."""
    if not (found := operation(method, pattern)):
        return None
    schema = found.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    named = document()["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
    query = {one["name"] for one in found.get("parameters", []) if one["in"] == "query"}
    return {"body": set(named.get("properties", {})), "query": query}


@lru_cache(maxsize=1024)
def validator(schema: bytes, exact: bool) -> jsonschema_rs.Draft202012Validator:
    """Compiled once: a thousand answers cost less than one compilation by a validator in Python."""
    components = as_json_schema(document()["components"], exact)
    whole = as_json_schema(orjson.loads(schema), exact) | {"components": components}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def as_json_schema(node: Any, exact: bool = False) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema says a second type."""
    if isinstance(node, list):
        return [as_json_schema(item, exact) for item in node]
    if not isinstance(node, dict):
        return node
    changed = {key: as_json_schema(value, exact) for key, value in node.items() if key not in IGNORED}
    if exact and node.get("type") == "object" and "properties" in node:
        changed["additionalProperties"] = False
    return {"anyOf": [changed, {"type": "null"}]} if node.get("nullable") is True else changed
