"""How a service writes: one transaction, retried unseen when the database asks for it."""

import functools
from collections.abc import Callable

from django.db import DatabaseError, transaction

from apps.core.cache import in_transaction

RETRIES = 3
SERIALIZATION_FAILURE, DEADLOCK = "40001", "40P01"
# A prepared statement that the server has forgotten, or whose columns a migration has changed; prepared anew by then.
UNKNOWN_STATEMENT, CHANGED_PLAN = "26000", "0A000"
AGAIN = (SERIALIZATION_FAILURE, DEADLOCK, UNKNOWN_STATEMENT, CHANGED_PLAN)


def transactional[**P, R](service: Callable[P, R]) -> Callable[P, R]:
    """One atomic block. What AGAIN names runs the outermost service again, at most three times; then the error goes on,
    a deadlock to become 503. Effects outside the database belong in `transaction.on_commit`."""

    @functools.wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if transaction.get_connection().in_atomic_block:
            return service(*args, **kwargs)
        for attempt in range(RETRIES + 1):
            try:
                with transaction.atomic():
                    return service(*args, **kwargs)
            except DatabaseError as error:
                if attempt == RETRIES or not _asks_for_retry(error):
                    raise
        raise AssertionError("unreachable: the last attempt returns or raises")

    return run


def unless_none[R](attempt: Callable[[], R | None]) -> R | None:
    """Runs `attempt`, whose locks must not outlive it when it answers None: its own transaction gives them up, or in
    a larger one a savepoint does."""
    if not in_transaction():
        return attempt()
    with transaction.atomic():
        result = attempt()
        if result is None:
            transaction.set_rollback(True)
        return result


def _asks_for_retry(error: DatabaseError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) in AGAIN
