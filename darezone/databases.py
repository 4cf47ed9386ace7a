"""How this process reaches PostgreSQL: the server's way, which may lead through a pooler, and the way of commands.

`pooler` says what stands in between. `direct`: nothing. `session`: one connection of the server for as long as the
client stays. `transaction`: another one for each transaction, so that nothing may be left on it: no SET, no prepared
statement, no cursor. docs/connections.md tells the rest.
"""

from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from darezone import env

# A server that went away without a word is noticed in half a minute when idle, and in 10 s when it was being asked.
NETWORK = {
    "connect_timeout": 3,
    "keepalives": 1,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
REPLICA_POOL_SECONDS, REPLICA_STATEMENT_MS = 0.25, 1000


def limits() -> dict[str, int]:
    """In milliseconds, of the server's role: `manage.py database_limits` sets them. docs/connections.md: why these."""
    return {
        "statement_timeout": env.integer("DATABASE_STATEMENT_TIMEOUT_MS", 8000, low=100),
        "lock_timeout": env.integer("DATABASE_LOCK_TIMEOUT_MS", 3000, low=100),
        "idle_in_transaction_session_timeout": env.integer("DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_MS", 10_000, low=100),
    }


def pool(threads: int) -> dict[str, int]:
    """The threads of a process need at most as many connections: a larger pool would only hide a leak."""
    return {
        "min_size": 1,
        "max_size": env.integer("DATABASE_POOL_SIZE", threads, low=1, high=64),
        "timeout": env.integer("DATABASE_POOL_TIMEOUT_SECONDS", 5, low=1),
    }


def of_server(url: str, *, pooler: str, pool: dict[str, int] | None) -> dict[str, Any]:
    """What answers requests, within the limits of its role."""
    database = reached(url, pooler=pooler, name="darezone-web")
    database["OPTIONS"] |= {"pool": pool} if pool else {}
    return database


def of_replica(url: str, *, pool: dict[str, int]) -> dict[str, Any]:
    """What may answer reads, past any transaction pooler. It is given up soon: the primary can answer, too."""
    database = reached(url, pooler="direct", name="darezone-replica", variable="DATABASE_REPLICA_URL")
    database["OPTIONS"] |= {"tcp_user_timeout": 1000, "pool": pool | {"timeout": REPLICA_POOL_SECONDS}}
    return database | {"SESSION": {"statement_timeout": str(REPLICA_STATEMENT_MS)}}


def of_profiles(url: str) -> dict[str, Any]:
    """What silk writes, over connections of its own: not in the request's transaction, and with Django's own engine, so
    that its statements are not counted as the request's."""
    return dj_database_url.parse(url, conn_max_age=0)


def of_commands(url: str, *, pooler: str) -> dict[str, Any]:
    """What migrates, seeds and audits: past the pooler, one connection, as long as it takes."""
    database = reached(url, pooler=pooler, name="darezone-command") | {"CONN_MAX_AGE": None}
    if pooler != "transaction":
        database["SESSION"] = dict.fromkeys(limits(), "0")
    return database


def reached(url: str, *, pooler: str, name: str, variable: str = "DATABASE_URL") -> dict[str, Any]:
    database = dj_database_url.parse(url)
    if database["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(
            f"{variable} must name a PostgreSQL database: indexes, locks and plans are the product."
        )
    options = NETWORK | {"application_name": name} | database.get("OPTIONS", {})
    # Hot statements are prepared: parsing and planning are most of what a short read costs the server.
    options |= {} if pooler == "transaction" else {"server_side_binding": True}
    return database | {
        "ENGINE": "darezone.postgresql",
        "OPTIONS": options,
        "POOLER": pooler,
        "DISABLE_SERVER_SIDE_CURSORS": pooler == "transaction",
    }
