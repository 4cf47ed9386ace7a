"""Access tokens (JWT) and refresh tokens (opaque), as contract 1.2 defines them."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import jwt
from django.conf import settings

from apps.core import clock
from apps.core.errors import invalid_token, token_expired
from apps.core.fields import parse_uuid

ALGORITHM, ISSUER, KIND = "HS256", "darezone", "access"
LEEWAY_SECONDS = 10
MAX_LENGTH = 4096
SECRET_BYTES, SEAL_BYTES = 32, 12  # with the 16 of a name 80 characters, without padding


@dataclass(frozen=True, slots=True)
class Claims:
    user_id: UUID
    session_id: UUID
    token_version: int


@dataclass(frozen=True, slots=True)
class Grant:
    """What a log-in hands out: both tokens, and the row of the user they are for."""

    user: dict[str, Any]
    access: str
    refresh: str


def access_lifetime() -> timedelta:
    return timedelta(minutes=settings.ACCESS_TOKEN_LIFETIME_MINUTES)


def refresh_lifetime() -> timedelta:
    return timedelta(hours=settings.SESSION_TIMEOUT_HOURS)


def issue_access(user_id: UUID, session_id: UUID, token_version: int) -> str:
    issued = clock.now()
    claims = {
        "iss": ISSUER,
        "typ": KIND,
        "sub": str(user_id),
        "sid": str(session_id),
        "ver": token_version,
        "iat": int(issued.timestamp()),
        "exp": int((issued + access_lifetime()).timestamp()),
    }
    return jwt.encode(claims, settings.JWT_SIGNING_KEY, algorithm=ALGORITHM)


def read_access(token: str) -> Claims:
    """The claims of a good token; raises `token_expired` or `invalid_token`. Makes no SQL."""
    if len(token) > MAX_LENGTH:
        raise invalid_token()
    claims, expires = _verified(token, signing_keys())
    if expires + LEEWAY_SECONDS <= clock.now().timestamp():
        raise token_expired()
    return claims


def signing_keys() -> tuple[str, ...]:
    """The one that signs; then the one that is accepted as well while the key is changed."""
    return tuple(filter(None, (settings.JWT_SIGNING_KEY, settings.JWT_SIGNING_KEY_PREVIOUS)))


def new_refresh(session_id: UUID) -> str:
    """32 random bytes, which are the secret; and under a seal the session's name. Of a token that was exchanged more
    than once ago nothing is stored: its name is how the session is found that must end when it comes again."""
    named = secrets.token_bytes(SECRET_BYTES) + session_id.bytes
    return base64.urlsafe_b64encode(named + _seal(named)).decode()


def session_of(refresh_token: str) -> UUID | None:
    """The session that a refresh token of ours was made for. Nobody else can make one that names a session."""
    try:
        token = base64.urlsafe_b64decode(refresh_token)
    except ValueError:
        return None
    named, seal = token[:-SEAL_BYTES], token[-SEAL_BYTES:]
    is_ours = len(named) == SECRET_BYTES + 16 and secrets.compare_digest(seal, _seal(named))
    return UUID(bytes=named[SECRET_BYTES:]) if is_ours else None


def fingerprint(secret: str) -> str:
    """SHA-256 in hex: what is stored of a refresh token or an e-mail address."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _seal(named: bytes) -> bytes:
    key = hashlib.sha256(b"darezone refresh tokens" + settings.SECRET_KEY.encode()).digest()
    return hashlib.blake2b(named, key=key, digest_size=SEAL_BYTES).digest()


# A client sends one token for an hour. What its signature proves does not change; its expiry is judged by the caller,
# and a refusal is not remembered. 4096 tokens are about 4 MB.
@lru_cache(maxsize=4096)
def _verified(token: str, keys: tuple[str, ...]) -> tuple[Claims, int]:
    claims = _signed(token, keys)
    _require_good_claims(claims)
    return Claims(parse_uuid(claims["sub"]), parse_uuid(claims["sid"]), claims["ver"]), claims["exp"]


def _signed(token: str, keys: tuple[str, ...]) -> dict[str, Any]:
    """What one of the keys has signed."""
    options = {"require": ["sub", "sid", "ver", "iat", "exp", "iss"], "verify_exp": False, "verify_iat": False}
    for key in keys:
        try:
            return jwt.decode(token, key, algorithms=[ALGORITHM], issuer=ISSUER, options=options)
        except jwt.InvalidSignatureError:
            continue
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            break
    raise invalid_token()


def _require_good_claims(claims: dict) -> None:
    numbers = all(type(claims[name]) is int for name in ("ver", "iat", "exp"))
    if not numbers or claims.get("typ") != KIND or not parse_uuid(claims["sub"]) or not parse_uuid(claims["sid"]):
        raise invalid_token()
