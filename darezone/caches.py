"""The two databases of the cache server: what is read, and what is counted."""

import re
from typing import Any

DATABASES = 16  # that a server has unless it is told otherwise
IN_QUERY, IN_PATH = re.compile(r"(?<=[?&]db=)\d+"), re.compile(r"^(rediss?://[^/?]+)/?(\d*)")
# The stock serializer is pickle, which runs what it reads.
SERIALIZER = "django_redis.serializers.json.JSONSerializer"


def configuration(url: str, counters_url: str) -> dict[str, Any]:
    """CACHES. Counters have a database of their own: who empties the cache must not forget whom to slow down.

    A cache that answers late is worse than none: 100 ms, then the database does the work. Nothing else can count.
    """
    return {"default": redis(url, seconds=0.1), "throttles": redis(counters_url or next_to(url), seconds=0.25)}


def redis(url: str, *, seconds: float) -> dict[str, Any]:
    options = {"SOCKET_CONNECT_TIMEOUT": seconds, "SOCKET_TIMEOUT": seconds, "SERIALIZER": SERIALIZER}
    return {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": url, "OPTIONS": options}


def next_to(url: str) -> str:
    """The next database of the same server."""
    if IN_QUERY.search(url):
        return IN_QUERY.sub(lambda number: _next(number[0]), url)
    if IN_PATH.match(url):
        return IN_PATH.sub(lambda found: f"{found[1]}/{_next(found[2])}", url)
    return f"{url}{'&' if '?' in url else '?'}db=1"


def _next(number: str) -> str:
    return str((int(number or 0) + 1) % DATABASES)
