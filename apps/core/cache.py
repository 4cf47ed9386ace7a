"""The one door to Redis. What is cached, and what expires it, is decided by each app's `cache.py`."""

from django_redis import get_redis_connection


def ping() -> None:
    """Raises when the cache server does not answer within its time-out."""
    get_redis_connection("default").ping()
