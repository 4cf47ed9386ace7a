"""The OpenAPI side of a view: one decorator that names its answers and its codes."""

import inspect
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiRequest,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
)
from rest_framework import serializers

from apps.core import errors
from apps.core.errors import Problem

OK, CREATED, NO_CONTENT = 200, 201, 204
CONDITIONAL = [
    OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="The ETag of what you have"),
    OpenApiParameter("ETag", str, OpenApiParameter.HEADER, description="Names this answer", response=[200, 304]),
]
REPLAYED = {200, 201, 400, 403, 404}
RATE_HEADERS = {
    "RateLimit-Limit": "Calls that a minute allows, of the limit that is nearest",
    "RateLimit-Remaining": "How many of them are left",
    "RateLimit-Reset": "Seconds until all of them are back",
}


class ApiSchema(AutoSchema):
    def get_operation_id(self) -> str:
        """The method and the path, which no two operations share: `get_challenges_by_challenge_id`."""
        path = self.path.removeprefix("/api/v1").strip("/") or self.path.strip("/")
        words = re.sub(r"\{(\w+)\}", r"by_\1", path).replace("/", "_").replace("-", "_").replace(".", "_")
        return f"{self.method.lower()}_{words or 'welcome'}"

    def get_description(self) -> str:
        """What the view says of itself, not what its base class says to developers."""
        return inspect.cleandoc(vars(type(self.view)).get("__doc__") or "")


class ErrorSerializer(serializers.Serializer):
    """Every error but a validation error."""

    detail = serializers.CharField()
    code = serializers.CharField()

    class Meta:
        ref_name = "Error"


class ViolationSerializer(serializers.Serializer):
    """One thing wrong with the request. `loc` = body, query or header, then field names and list positions."""

    loc = serializers.ListField(child=serializers.JSONField())
    msg = serializers.CharField()
    type = serializers.CharField()


class ValidationErrorSerializer(serializers.Serializer):
    detail = ViolationSerializer(many=True)
    code = serializers.CharField()


class SuccessSerializer(serializers.Serializer):
    success = serializers.BooleanField()
    message = serializers.CharField()
    data = serializers.JSONField(allow_null=True)


INVALID = OpenApiResponse(ValidationErrorSerializer, description="validation_error")
INVALID_OR_REUSED = OpenApiResponse(
    PolymorphicProxySerializer("Unprocessable", [ValidationErrorSerializer, ErrorSerializer], None),
    description="validation_error, idempotency_key_reused",
    examples=[
        OpenApiExample(
            "idempotency_key_reused",
            value={"detail": errors.idempotency_key_reused.sentence, "code": "idempotency_key_reused"},
        )
    ],
)


def describe(
    tag: str,
    summary: str,
    *,
    answer: Any = None,
    status: int = OK,
    body: type[serializers.Serializer] | None = None,
    query: type[serializers.Serializer] | None = None,
    problems: tuple[Problem, ...] = (),
    refusal: type[serializers.Serializer] = ErrorSerializer,
    example: Any = None,
    open: bool = False,
    etag: bool = False,
    keyed: bool = False,
    throttled: bool = True,
    multipart: dict[str, str] | None = None,
    content: tuple[str, ...] = (),
    answers: dict[int, OpenApiResponse] | None = None,
    parameters: tuple[OpenApiParameter, ...] = (),
    **options: Any,
):
    """Documents a view method: its tag, shapes and the domain codes it uses, in the order of their checks.

    `example` is the JSON of the successful answer, `refusal` the shape of problems that say more than their code;
    `etag` marks a conditional read, `keyed` what takes an Idempotency-Key; `multipart` has the types of the files of a
    form, `content` those of an answer that is a file. `answers` say more of a status than the codes do. The general
    codes of the contract are added here.
    """
    said = OpenApiResponse(OpenApiTypes.BINARY if content else answer, description=summary)
    responses = {(status, kind): said for kind in content} or {status: said}
    if body or query:
        responses[422] = INVALID_OR_REUSED if keyed else INVALID
    if etag:
        responses[304] = OpenApiResponse(description="What you have is still true")
    general = _general(body=body, multipart=multipart, open=open, keyed=keyed, throttled=throttled)
    responses |= _errors((*problems, *general), {problem.status: refusal for problem in problems}) | (answers or {})
    headers = _headers({key for key in responses if isinstance(key, int)}, keyed=keyed, throttled=throttled)
    return extend_schema(
        tags=[tag],
        summary=summary,
        request={"multipart/form-data": _form(body, multipart)} if multipart else body,
        parameters=[*([query] if query else []), *(CONDITIONAL if etag else []), *parameters, *headers],
        responses=responses,
        examples=_examples(example, status),
        auth=[] if open else None,
        **options,
    )


def _general(*, body: Any, multipart: Any, open: bool, keyed: bool, throttled: bool) -> tuple[Problem, ...]:
    """What such an endpoint may answer whatever it does."""
    found = (errors.bad_request, errors.not_acceptable, errors.service_unavailable)
    found += () if open else (errors.authentication_required, errors.invalid_token, errors.token_expired)
    other_type = errors.not_multipart if multipart else errors.unsupported_media_type
    found += (errors.payload_too_large, other_type) if body else ()
    found += (errors.request_in_progress,) if keyed else ()
    return found + ((errors.throttled,) if throttled else ())


def _examples(example: Any, status: int) -> list[OpenApiExample] | None:
    if example is None:
        return None
    value = example[0] if isinstance(example, list) else example  # spectacular makes the list again
    return [OpenApiExample("Example", value=value, response_only=True, status_codes=[str(status)])]


def _form(body: type[serializers.Serializer], files: dict[str, str]) -> OpenApiRequest:
    return OpenApiRequest(body, encoding={name: {"contentType": types} for name, types in files.items()})


def _headers(statuses: set[int], *, keyed: bool, throttled: bool) -> list[OpenApiParameter]:
    """Of the request and of the answers."""
    counted = sorted(statuses - {401, 406}) if throttled else []
    found = [_header("Retry-After", "Seconds, at least 1", statuses & {429, 503})]
    found += [_header(name, text, counted) for name, text in RATE_HEADERS.items() if throttled]
    if keyed:
        text = "1-255 printable ASCII characters: the same call sent again with it has no second effect"
        found.append(OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description=text))
        found.append(_header("Idempotent-Replayed", "true: the answer to an earlier call", statuses & REPLAYED, str))
    return found


def _header(name: str, text: str, statuses: Iterable[int], type: Any = int) -> OpenApiParameter:
    return OpenApiParameter(name, type, OpenApiParameter.HEADER, description=text, response=sorted(statuses))


def _errors(problems: tuple[Problem, ...], shapes: dict[int, type]) -> dict[int, OpenApiResponse]:
    by_status = defaultdict(list)
    for problem in problems:
        by_status[problem.status].append(problem)
    return {
        status: OpenApiResponse(
            shapes.get(status, ErrorSerializer),
            description=", ".join(problem.code for problem in group),
            examples=[
                OpenApiExample(problem.code, value={"detail": problem.sentence, "code": problem.code})
                for problem in group
            ],
        )
        for status, group in by_status.items()
    }
