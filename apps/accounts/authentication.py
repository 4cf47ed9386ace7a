"""The bearer token of a request, and the principal behind it."""

from uuid import UUID

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication

from apps.accounts import cache, reads
from apps.accounts.principal import Principal
from apps.accounts.tokens import Claims, read_access
from apps.core.cache import Fresh
from apps.core.errors import authentication_required, invalid_token


class BearerAuthentication(BaseAuthentication):
    """`request.user` becomes the Principal and `request.auth` the token's Claims; everything else is 401."""

    def authenticate(self, request) -> tuple[Principal, Claims]:
        claims = read_access(bearer_token(request.META.get("HTTP_AUTHORIZATION", "")))
        key = cache.principal(claims.user_id)
        snapshot = request.parser_context["view"].look(key, claims.user_id)
        principal = Principal.parse(snapshot.get(key, lambda: load_principal(claims.user_id)).body)
        if principal.token_version != claims.token_version:
            raise invalid_token()
        if claims.session_id in principal.revoked_sessions:
            raise invalid_token()
        return principal, claims

    def authenticate_header(self, request) -> str:
        return "Bearer"


def load_principal(user_id: UUID) -> Fresh:
    """Raises `invalid_token` for an unknown or deactivated user."""
    principal = reads.principal(user_id)
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
