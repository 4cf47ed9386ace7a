"""Failed log-ins of one address, known or not: five within 15 minutes lock it for 15 minutes (contract 4.1)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import CharField, Q

from apps.accounts import errors
from apps.accounts.models import LoginFailure
from apps.accounts.tokens import fingerprint
from apps.core import clock
from apps.core.compiled import Call, Compiled, together
from apps.core.errors import ApiError

# By hand, because the ORM's upsert cannot compute with the old row: counting must be one statement, so that of
# parallel failures exactly five are counted. No row comes back while the lock holds.
COUNT = """
    INSERT INTO login_failures AS old (email_hash, failures, window_started_at, locked_until)
    VALUES (%(email)s, 1, %(now)s, CASE WHEN %(limit)s::int = 1 THEN %(unlocked)s::timestamptz END)
    ON CONFLICT (email_hash) DO UPDATE SET
        failures = CASE WHEN old.window_started_at > %(since)s THEN old.failures + 1 ELSE 1 END,
        window_started_at = CASE WHEN old.window_started_at > %(since)s THEN old.window_started_at ELSE %(now)s END,
        locked_until = CASE
            WHEN %(limit)s::int = 1 OR old.window_started_at > %(since)s AND old.failures + 1 >= %(limit)s::int
            THEN %(unlocked)s::timestamptz
        END
    WHERE old.locked_until IS NULL OR old.locked_until <= %(now)s
    RETURNING failures
"""


_of_address = Compiled(
    lambda email_hash: LoginFailure.objects.filter(email_hash=email_hash).values("locked_until"), email_hash=CharField()
)


def refuse_locked(email: str, *ahead: Call) -> bool:
    """Raises `login_locked` while the address is locked; else, whether failures are on record. In the same round trip
    the calls that are made ahead."""
    found = _of_address.call(email_hash=fingerprint(email))
    together(found, *ahead)
    row = found.row()
    if row and row["locked_until"] and row["locked_until"] > clock.now():
        raise _locked(row["locked_until"])
    return row is not None


def count_failure(email: str) -> None:
    """Counts one more. Raises `login_locked` when parallel failures have locked the address meanwhile."""
    now, minutes = clock.now(), timedelta(minutes=settings.LOGIN_LOCKOUT_MINUTES)
    values = {
        "email": fingerprint(email),
        "now": now,
        "since": now - minutes,
        "unlocked": now + minutes,
        "limit": settings.MAX_LOGIN_ATTEMPTS,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT, values)
        counted = cursor.fetchone()
    if not counted:
        raise _locked(values["unlocked"])


def forget(email: str) -> None:
    """After a success. A lock stays: it fell while this password was being checked."""
    open_again = Q(locked_until__isnull=True) | Q(locked_until__lte=clock.now())
    LoginFailure.objects.filter(open_again, email_hash=fingerprint(email)).delete()


def _locked(until: datetime) -> ApiError:
    seconds = -(-(until - clock.now()) // timedelta(seconds=1))
    return errors.login_locked(headers={"Retry-After": str(max(1, seconds))})
