"""Which requests silk records, what of them, and where it writes: without a part of silk, so that tests can ask."""

import json
import random
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.accounts import reads
from apps.accounts.authentication import bearer_token
from apps.accounts.tokens import read_access
from apps.core import measured
from apps.core.errors import ApiError
from darezone.tools import SECRET_KEYS

HEADER = "X-Silk"
ALIAS = "silk"
HIDDEN = "***"
NEVER = ("/static/", "/silk/", "/__debug__/", "/admin/performance/", "/metrics", "/health")


class Router:
    """silk has an alias of its own, so that what it writes is in no transaction of the request."""

    def db_for_read(self, model, **hints) -> str | None:
        return ALIAS if model._meta.app_label == ALIAS else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints) -> bool | None:
        # On the default database its tables may be made as well: mostly both are the same one.
        return app_label == ALIAS if db == ALIAS else None


def is_wanted(request: HttpRequest) -> bool:
    """A share of the requests, and each that a staff member asks for."""
    if request.path_info.startswith(NEVER):
        return False
    if request.headers.get(HEADER) == "1" and is_staff(request):
        return True
    return random.random() * 100 < settings.PROFILE_PERCENT  # noqa: S311 - a sample


def is_staff(request: HttpRequest) -> bool:
    """By bearer token or by session. What the question costs is not the request's."""
    token = measured.current.set(measured.OUTSIDE)
    try:
        if "HTTP_AUTHORIZATION" in request.META:
            return has_token_of_staff(request.META["HTTP_AUTHORIZATION"])
        user = getattr(request, "user", None)
        return bool(user and user.is_active and user.is_staff)
    finally:
        measured.current.reset(token)


def has_token_of_staff(header: str) -> bool:
    try:
        claims = read_access(bearer_token(header))
    except ApiError:
        return False
    principal = reads.principal(claims.user_id)
    return bool(
        principal
        and principal.is_staff
        and principal.token_version == claims.token_version
        and claims.session_id not in principal.revoked_sessions
    )


def masked(response: HttpResponse) -> HttpResponse:
    """What silk may keep of an answer: JSON without secrets, no page, and no cookie."""
    headers = {name: value for name, value in response.headers.items() if name.lower() not in SECRET_KEYS}
    kept = HttpResponse(masked_body(response), status=response.status_code)
    kept.headers = type(kept.headers)(headers)
    return kept


def masked_body(response: HttpResponse) -> bytes:
    if response.streaming or not response.headers.get("Content-Type", "").startswith("application/json"):
        return b""
    try:
        return json.dumps(without_secrets(json.loads(response.content))).encode()
    except ValueError:
        return b""


def without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: HIDDEN if is_secret(key) else without_secrets(inner) for key, inner in value.items()}
    return [without_secrets(inner) for inner in value] if isinstance(value, list) else value


def is_secret(key: str) -> bool:
    return any(word in key.lower() for word in SECRET_KEYS)
