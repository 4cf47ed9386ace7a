"""Every error a client can see, and the one handler that turns exceptions into them.

A `Problem` is one code of the contract with its sentence. Apps declare theirs in `errors.py`:

    challenge_full = Problem(400, "challenge_full", "This challenge is full.")
    raise challenge_full()
"""

import logging
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404
from psycopg_pool import PoolTimeout, TooManyRequests
from rest_framework import exceptions

from apps.core.answers import Json

logger = logging.getLogger("darezone.errors")


class ApiError(exceptions.APIException):
    """An answer other than success: `extra` keys stand beside `detail` and `code`."""

    def __init__(self, status: int, code: str, detail: Any, *, headers: dict | None = None, extra: dict | None = None):
        super().__init__(str(detail), code)
        self.status_code, self.code, self.sentence = status, code, detail
        self.headers, self.extra = headers or {}, extra or {}


class Problem:
    """A code of the contract. Calling it makes the exception; `{}` in the sentence are filled by keyword.

    With `constraint`, a violation of that database constraint anywhere is answered by this problem.
    """

    by_constraint: dict[str, "Problem"] = {}

    def __init__(self, status: int, code: str, sentence: str, *, constraint: str | None = None):
        self.status, self.code, self.sentence = status, code, sentence
        if constraint:
            Problem.by_constraint[constraint] = self

    def __call__(self, *, headers: dict | None = None, extra: dict | None = None, **fill: Any) -> ApiError:
        return ApiError(self.status, self.code, self.sentence.format(**fill), headers=headers, extra=extra)


bad_request = Problem(400, "bad_request", "Bad request.")
authentication_required = Problem(401, "authentication_required", "Authentication is required.")
invalid_token = Problem(401, "invalid_token", "The token is not valid.")
token_expired = Problem(401, "token_expired", "The token has expired.")
staff_only = Problem(403, "staff_only", "Staff only.")
not_found = Problem(404, "not_found", "Not found.")
method_not_allowed = Problem(405, "method_not_allowed", "Method {method} is not allowed here.")
not_acceptable = Problem(406, "not_acceptable", "Only application/json can be produced.")
request_in_progress = Problem(409, "request_in_progress", "The first request with this key is still running.")
payload_too_large = Problem(413, "payload_too_large", "The body is larger than {limit} bytes.")
unsupported_media_type = Problem(415, "unsupported_media_type", "Send a JSON body in UTF-8 as application/json.")
not_multipart = Problem(415, "unsupported_media_type", "Send the file as multipart/form-data.")
idempotency_key_reused = Problem(422, "idempotency_key_reused", "This key was used with another body.")
throttled = Problem(429, "throttled", "Too many requests. Try again later.")
headers_too_large = Problem(431, "bad_request", "The headers are too large.")
internal_error = Problem(500, "internal_error", "Internal server error.")
service_unavailable = Problem(503, "service_unavailable", "The service is busy or away. Try again soon.")


class Invalid(ApiError):
    """422: every violation of the request, each with its place."""

    def __init__(self, violations: list[dict]):
        super().__init__(422, "validation_error", violations)


def violation(loc: list, msg: str, type: str = "invalid") -> dict:
    return {"loc": loc, "msg": msg, "type": type}


def answer(exc: Exception, context: dict | None = None) -> Json:
    """DRF's exception handler: any exception becomes JSON in the contract's shape."""
    error = translate(exc)
    if error.status_code >= 500 and error is not exc:  # who raises such an answer on purpose says why
        logger.error("%s answered for %s", error.status_code, type(exc).__name__, exc_info=exc)
    headers = dict(error.headers)
    if error.status_code == 401:
        headers.setdefault("WWW-Authenticate", "Bearer")
    if error.status_code == 503:
        headers.setdefault("Retry-After", "1")
    return Json({"detail": error.sentence, "code": error.code, **error.extra}, error.status_code, headers)


def translate(exc: Exception) -> ApiError:
    match exc:
        case ApiError():
            return exc
        case Http404():
            return not_found()
        case SuspiciousOperation() | BadRequest():
            return bad_request()
        case exceptions.MethodNotAllowed():
            return method_not_allowed(method=exc.args[0] if exc.args else "")
        case DatabaseError() | InterfaceError() | PoolTimeout() | TooManyRequests():
            return _from_database(exc)
    return internal_error()


def _from_database(exc: Exception) -> ApiError:
    """A known constraint is its business error; a lost, full, slow or blocked database is 503."""
    if isinstance(exc, IntegrityError):
        problem = Problem.by_constraint.get(constraint_of(exc) or "")
        return problem() if problem else internal_error()
    if isinstance(exc, DataError):
        return Invalid([violation(["body"], "A value is out of the range that can be stored.")])
    if isinstance(exc, OperationalError | InterfaceError | PoolTimeout | TooManyRequests):
        return service_unavailable()
    return internal_error()


def constraint_of(exc: IntegrityError) -> str | None:
    """The name of the violated constraint, as PostgreSQL tells it."""
    return getattr(getattr(exc.__cause__, "diag", None), "constraint_name", None)
