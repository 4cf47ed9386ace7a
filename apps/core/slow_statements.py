"""Statements over SLOW_QUERY_MS: one log line each, without a single value of theirs."""

import hashlib
import logging
import re
from typing import Any

from django.http import HttpRequest
from prometheus_client import Counter

from apps.core.routes import method_of, route_of

logger = logging.getLogger("darezone.sql")
MOST_CHARACTERS = 2000
VALUES = re.compile(r"'(?:[^']|'')*'|%\(\w+\)s|%s|\$\d+|\b\d+(?:\.\d+)?\b")
LIST = re.compile(r"\(\s*\?(?:\s*,\s*\?)*\s*\)(?:\s*,\s*\(\s*\?(?:\s*,\s*\?)*\s*\))*")

SLOW = Counter("darezone_sql_slow_statements", "Statements over SLOW_QUERY_MS", ["method", "route"])


def report(sql: Any, seconds: float, request: HttpRequest | None) -> None:
    """The request id comes with every line; outside of a request there is no route."""
    statement = fingerprint(sql)
    method, route = (method_of(request), route_of(request)) if request else ("-", "-")
    SLOW.labels(method, route).inc()
    fields = {
        "method": method,
        "route": route,
        "ms": round(seconds * 1000, 1),
        "fingerprint": short(statement),
        "statement": statement[:MOST_CHARACTERS],
    }
    logger.warning("slow statement", extra={"fields": fields})


def short(statement: str) -> str:
    """The name of a fingerprint: what logs and the performance page call it."""
    return hashlib.blake2b(statement.encode(), digest_size=8).hexdigest()


def fingerprint(sql: Any) -> str:
    """The statement without its values, whatever the length of its lists."""
    text = sql if isinstance(sql, str) else type(sql).__name__
    return LIST.sub("(?)", VALUES.sub("?", " ".join(text.split())))
