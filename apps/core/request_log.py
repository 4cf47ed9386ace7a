"""One line a request: what it was, what it cost and for whom, and nothing a reader of logs should not know."""

import hashlib
import logging
from functools import cache, lru_cache

import orjson
from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apps.core import logs
from apps.core.measured import Measured

logger = logging.getLogger("darezone.requests")


def tell(measured: Measured, method: str, route: str) -> None:
    if not logger.isEnabledFor(logging.INFO):
        return
    text = fields(measured, method, route)
    if settings.LOG_FORMAT == "json":
        logs.write(logger.name, measured.request_id, f'"message":"request",{text}')
    else:
        logger.info("request", extra={"fields": orjson.loads(f"{{{text}}}")})


def fields(measured: Measured, method: str, route: str) -> str:
    """JSON, filled in like a form: by way of a dictionary and a LogRecord the line costs 17 us, and 5 so."""
    user = user_of(measured.request)
    return (
        f"{place(method, route)},"
        f'"status":{measured.status},"ms":{measured.seconds * 1000:.2f},'
        f'"db_ms":{measured.sql_seconds * 1000:.2f},"db_count":{measured.statements},'
        f'"cache_hits":{measured.cache_hits},"cache_misses":{measured.cache_misses},'
        f'"cache_trips":{measured.cache_trips},"user":' + (f'"{user}"' if user else "null")
    )


@cache
def place(method: str, route: str) -> str:
    return orjson.dumps({"method": method, "route": route}).decode()[1:-1]


def user_of(request: HttpRequest) -> str | None:
    """The same for all requests of a user; nobody can tell whose without the secret key."""
    user = request.__dict__.get("user")
    if type(user) is SimpleLazyObject:  # a page of staff, which may not have asked who is there: then nobody asks
        user = request.__dict__.get("_cached_user")
    return hashed(user.id.bytes, settings.SECRET_KEY) if getattr(user, "id", None) else None


@lru_cache(maxsize=4096)
def hashed(user_id: bytes, secret: str) -> str:
    key = hashlib.sha256(b"darezone user in logs" + secret.encode()).digest()
    return hashlib.blake2b(user_id, key=key, digest_size=8).hexdigest()
