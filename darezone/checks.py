"""Unsafe combinations of settings. `manage.py check` and every command that migrates show them; the server does not
start with one. docs/connections.md tells what each would do."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, urlsplit

import dj_database_url
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags
from django.core.checks import register as registered
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections
from django.utils.module_loading import import_string

from darezone import databases

ENGINE = "darezone.postgresql"
RESERVED = 5  # connections for commands, a worker and whoever looks what is wrong
LONGEST_CACHE_WAIT = 1.0
PICKLE = "django_redis.serializers.pickle.PickleSerializer"
SHORTEST_KEY, FEWEST_CHARACTERS = 32, 8

Findings = Iterator[tuple[str, str]]


def check_settings(app_configs=None, **options) -> list[CheckMessage]:
    return [Error(text, id=f"darezone.{code}") for check in CHECKS for code, text in check()]


def check_server(app_configs=None, databases=None, **options) -> list[CheckMessage]:
    """Only when `check --database default` or `migrate` says that the database may be asked."""
    if "default" not in (databases or ()) or settings.DATABASE_POOLER == "transaction":
        return []
    try:
        allowed = allowed_connections()
    except DatabaseError:  # it is away: who is about to use it will say so
        return []
    return [Error(text, id=f"darezone.{code}") for code, text in over_budget(allowed, "PostgreSQL allows")]


def refuse_unsafe_settings() -> None:
    """Raises ImproperlyConfigured with a sentence for each finding."""
    if found := check_settings():
        raise ImproperlyConfigured(" ".join(f"({error.id}) {error.msg}" for error in found))


def pool() -> Findings:
    database = settings.SERVER_DATABASE
    options = database["OPTIONS"].get("pool")
    if not options:
        return
    if database.get("CONN_MAX_AGE", 0) != 0:
        yield "E001", "A pool keeps the connections: CONN_MAX_AGE must be 0."
    if database["ENGINE"] != ENGINE:
        yield "E002", f"The stock pool hands out dead connections: ENGINE must be {ENGINE}."


def transaction_pooler() -> Findings:
    if settings.DATABASE_POOLER != "transaction":
        return
    database = settings.SERVER_DATABASE
    options = database["OPTIONS"]
    if not database.get("DISABLE_SERVER_SIDE_CURSORS"):
        yield "E003", "A transaction pooler loses server-side cursors: set DISABLE_SERVER_SIDE_CURSORS."
    if options.get("server_side_binding") or options.get("prepare_threshold") is not None:
        yield "E004", "A transaction pooler loses prepared statements: no server_side_binding, no prepare_threshold."
    if options.get("options"):
        yield "E005", "A transaction pooler refuses the startup parameter `options`: run manage.py database_limits."
    if settings.DATABASE_DIRECT_URL == settings.DATABASE_URL:
        yield "E006", "Migrations cannot go through a transaction pooler: set DATABASE_DIRECT_URL."


def budget() -> Findings:
    if settings.DATABASE_MAX_CONNECTIONS:
        yield from over_budget(settings.DATABASE_MAX_CONNECTIONS, "DATABASE_MAX_CONNECTIONS is")


def over_budget(allowed: int, who: str) -> Findings:
    size = settings.SERVER_DATABASE["OPTIONS"].get("pool", {}).get("max_size", 1)
    processes, instances = settings.WEB_WORKERS, settings.WEB_INSTANCES
    needed = processes * size * instances + RESERVED
    if needed > allowed:
        sum_ = f"{processes} processes x {size} connections x {instances} instances + {RESERVED} = {needed}"
        yield "E007", f"{sum_}, but {who} {allowed}."


def waits() -> Findings:
    limits = settings.DATABASE_LIMITS
    pool_seconds = settings.SERVER_DATABASE["OPTIONS"].get("pool", {}).get("timeout", 0)
    replica_seconds = databases.REPLICA_POOL_SECONDS + databases.REPLICA_STATEMENT_MS / 1000
    once = pool_seconds + limits["statement_timeout"] / 1000 + (replica_seconds if settings.DATABASE_REPLICA_URL else 0)
    longest, given = 2 * once, settings.WEB_TIMEOUT_SECONDS  # a read whose connection was lost is made twice
    if longest >= given:
        yield "E008", f"A request can wait {longest:.0f} s for pool and database, and the server gives it {given} s."
    if limits["lock_timeout"] >= limits["statement_timeout"]:
        yield "E009", "DATABASE_LOCK_TIMEOUT_MS must be less than DATABASE_STATEMENT_TIMEOUT_MS, or it never acts."


def replica() -> Findings:
    if not settings.DATABASE_REPLICA_URL:
        return
    if address(settings.DATABASE_REPLICA_URL) in map(address, (settings.DATABASE_URL, settings.DATABASE_DIRECT_URL)):
        yield "E020", "DATABASE_REPLICA_URL is the primary itself: reads would ask it twice and spare it nothing."


def address(url: str) -> tuple:
    """Two URLs of one database have the same, whoever logs in."""
    database = dj_database_url.parse(url)
    return (database["HOST"] or "localhost", int(database["PORT"] or 5432), database["NAME"])


def cached_reads() -> Findings:
    """What was read in a transaction that began before a write, or is held open, is old when it is stored."""
    if not settings.CACHE_ENABLED:
        return
    if settings.SERVER_DATABASE.get("ATOMIC_REQUESTS"):
        yield "E010", "With ATOMIC_REQUESTS nothing is cached: reads run in a transaction. Services open their own."
    if "isolation_level" in settings.SERVER_DATABASE["OPTIONS"]:
        yield "E011", "The cache and the locks of the services are made for READ COMMITTED: no isolation_level."


def caches() -> Findings:
    places = {}
    for alias, cache in settings.CACHES.items():
        if "redis" not in cache["BACKEND"].lower():
            continue
        yield from cache_options(alias, cache.get("OPTIONS", {}))
        for place in located(cache["LOCATION"]):
            if place in places:
                yield "E013", f"The caches {places[place]} and {alias} share a database: emptying one empties both."
            places[place] = alias


def cache_options(alias: str, options: dict) -> Findings:
    seconds = [options.get(name) for name in ("SOCKET_CONNECT_TIMEOUT", "SOCKET_TIMEOUT")]
    if not all(number and number <= LONGEST_CACHE_WAIT for number in seconds):
        yield "E012", f"The cache {alias} may hang: give both socket timeouts, of at most {LONGEST_CACHE_WAIT:.0f} s."
    if options.get("SERIALIZER", PICKLE) == PICKLE:
        yield "E014", f"The cache {alias} unpickles: who can write to it can run code here. Set another SERIALIZER."


def located(location: str | list[str]) -> list[tuple]:
    """Server and number of the database of each address."""
    urls = [urlsplit(url) for url in ([location] if isinstance(location, str) else location)]
    return [(url.hostname or url.path, url.port or 6379, number_of(url)) for url in urls]


def number_of(url: SplitResult) -> str:
    """A socket has a path of its own."""
    in_path = url.path.strip("/") if url.hostname else ""
    return parse_qs(url.query).get("db", [in_path])[0] or "0"


def developer_tools() -> Findings:
    if getattr(settings, "SILKY_ANALYZE_QUERIES", False):
        yield "E015", "SILKY_ANALYZE_QUERIES runs each UPDATE a second time: points would double."
    tools = {"silk", "debug_toolbar"} - ({"silk"} if settings.PROFILE else set())
    if not settings.DEBUG and (found := tools & set(settings.INSTALLED_APPS)):
        yield "E016", f"{' and '.join(sorted(found))} shows requests to whoever asks: only with DEBUG."


def signing_keys() -> Findings:
    names = ("SECRET_KEY", "JWT_SIGNING_KEY", "JWT_SIGNING_KEY_PREVIOUS")
    keys = {name: key for name in names if (key := getattr(settings, name))}
    if len(set(keys.values())) < len(keys):
        yield "E017", f"{', '.join(keys)} must differ: who gets hold of one would have two."
    for name, key in keys.items() if settings.PRODUCTION else ():
        too_plain = len(key.encode()) < SHORTEST_KEY or len(set(key)) < FEWEST_CHARACTERS
        if too_plain or key.startswith("development-only-"):
            yield "E018", f"{name} can be guessed: python -c 'import secrets; print(secrets.token_urlsafe(50))'."


def throttles() -> Findings:
    """Those of DRF read a list, add to it and write it back: 60 of 60 parallel requests passed a limit of 10."""
    for name in settings.REST_FRAMEWORK.get("DEFAULT_THROTTLE_CLASSES", ()):
        if any(base.__module__ == "rest_framework.throttling" for base in counting(import_string(name))):
            yield "E019", f"{name} counts in two steps: requests at the same moment pass it."


def counting(throttle: type) -> list[type]:
    """Of its classes those that decide."""
    return [base for base in throttle.__mro__ if "allow_request" in vars(base)][:1]


def allowed_connections() -> int:
    """What the server leaves to this role in this database."""
    with connections["default"].cursor() as cursor:
        cursor.execute("""
            SELECT least(
                current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
                    - coalesce(current_setting('reserved_connections', true)::int, 0), -- PostgreSQL 16
                (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database()),
                (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user))
        """)
        return cursor.fetchone()[0]


def pushes() -> Findings:
    """What is sent there carries the bearer token and what people are told."""
    url = urlsplit(settings.EXPO_PUSH_URL)
    if url.scheme != "https" and not (url.scheme == "http" and url.hostname in ("127.0.0.1", "::1", "localhost")):
        yield "E021", "EXPO_PUSH_URL must be an https address: the access token goes there."


def media() -> Findings:
    """An upload that cannot be stored is found out when somebody has sent it."""
    if settings.PRODUCTION and not can_write(Path(settings.MEDIA_ROOT)):
        yield "E022", f"Uploads cannot be stored: MEDIA_ROOT, {settings.MEDIA_ROOT}, is no folder to write to."
    names = [getattr(settings, f"STORAGE_BUCKET_{kind}") for kind in ("PHOTOS", "VIDEOS", "AVATARS")]
    if len(set(names)) < len(names) or not all(re.fullmatch(r"\w[\w.-]*", name, re.ASCII) for name in names):
        yield "E023", "The three STORAGE_BUCKET names must differ, and be letters, digits, dots and dashes."


def can_write(folder: Path) -> bool:
    """Into it, or where it would be made."""
    made = next(path for path in (folder, *folder.parents) if path.exists())
    return made.is_dir() and os.access(made, os.W_OK | os.X_OK)


CHECKS: list[Callable[[], Findings]] = [
    pool, transaction_pooler, budget, waits, replica, cached_reads, caches, developer_tools, signing_keys, throttles,
    pushes, media,
]  # fmt: skip


def register() -> None:
    registered(check_settings)
    registered(check_server, Tags.database)
