"""The bearer token of a request, and the principal behind it."""

from typing import Any
from uuid import UUID

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication

from apps.accounts import cache, reads
from apps.accounts.principal import Principal
from apps.accounts.tokens import Claims, read_access
from apps.core import throttles
from apps.core.cache import Snapshot
from apps.core.cache_values import Fresh
from apps.core.compiled import Call
from apps.core.errors import ApiError, authentication_required, invalid_token


class BearerAuthentication(BaseAuthentication):
    """`request.user` becomes the Principal and `request.auth` the token's Claims; everything else is 401."""

    def authenticate(self, request) -> tuple[Principal, Claims]:
        claims = read_access(bearer_token(request.META.get("HTTP_AUTHORIZATION", "")))
        view = request.parser_context["view"]
        snapshot = view.look(cache.principal(claims.user_id), claims.user_id)
        return self.admit(view, claims, snapshot), claims

    def admit(self, view: Any, claims: Claims, snapshot: Snapshot) -> Principal:
        """Refused with 401, then with 429 (contract 1.5). A principal that the cache does not know must be loaded to
        say 401, and a call refused with 429 makes no SQL: it is counted first, and not at all if 401 comes of it."""
        key = cache.principal(claims.user_id)
        is_known = snapshot.values[key] is not None
        if not is_known:
            view.count_call(claims.user_id)
        try:
            principal = Principal.parse(snapshot.get(key, lambda: load_principal(claims.user_id, *view.calls)).body)
            require_valid(claims, principal)
        except ApiError:
            throttles.take_back(view.allowance)
            raise
        if is_known:
            view.count_call(claims.user_id)
        return principal

    def authenticate_header(self, request) -> str:
        return "Bearer"


def require_valid(claims: Claims, principal: Principal) -> None:
    if principal.token_version != claims.token_version or claims.session_id in principal.revoked_sessions:
        raise invalid_token()


def load_principal(user_id: UUID, *ahead: Call) -> Fresh:
    """Raises `invalid_token` for an unknown or deactivated user. What the handler will read is read beside it."""
    principal = reads.principal(user_id, *ahead)
    if not principal:
        raise invalid_token()
    return Fresh(principal.dumped())


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = BearerAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema) -> dict:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def bearer_token(header: str) -> str:
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise authentication_required()
    return token.strip()
