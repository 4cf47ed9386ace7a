"""Two keys and two tokens that tests of the cache go by."""

from django.conf import settings

from apps.core import cache
from apps.core.cache_values import Fresh, Key, Kind

TOKEN, OTHER = "t:x:1", "t:x:2"
KEY = Key(Kind("test", 60), "one", (TOKEN,))
BOTH = Key(Kind("test", 60), "both", (TOKEN, OTHER))


def name(token: str) -> str:
    return settings.CACHE_PREFIX + token


def read(key=KEY, body: bytes = b"new") -> bytes:
    return cache.look(key).get(key, lambda: Fresh(body)).body
