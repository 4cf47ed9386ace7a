"""The one door to Redis. Nothing is cached yet: only the health checks ask whether the server is there."""

from django_redis import get_redis_connection


def ping() -> None:
    """Raises when the cache server does not answer within its time-out."""
    get_redis_connection("default").ping()
