"""The project's OpenAPI document as JSON Schema, to hold answers against it."""

import json
import re
from functools import lru_cache
from typing import Any

import jsonschema

from apps.core.views import openapi_bytes

IGNORED = ("nullable", "examples", "example")


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    return json.loads(openapi_bytes())


def violation(value: Any, schema: dict[str, Any], *, exact: bool = False) -> str | None:
    """What of `value` does not fit; with `exact` also keys that the shape does not declare."""
    components = as_json_schema(document()["components"], exact)
    checker = jsonschema.Draft202012Validator(as_json_schema(schema, exact) | {"components": components})
    error = jsonschema.exceptions.best_match(checker.iter_errors(value))
    return error and f"{error.json_path}: {error.message}"


def answer_schema(method: str, pattern: str, status: int) -> dict[str, Any] | None:
    """The declared JSON of a route's answer; None where the answer has no body or the route is not documented."""
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", pattern)
    operation = document()["paths"].get(path, {}).get(method.lower())
    content = operation and operation["responses"][str(status)].get("content", {})
    return content["application/json"]["schema"] if content else None


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
