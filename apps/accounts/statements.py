"""The SQL of accounts that Django's ORM cannot say: what decides about a session and what moves it, in one."""

from typing import Any

from django.db import connection

_SESSION = """
INSERT INTO sessions (id, user_id, refresh_hash, created_at, expires_at)
SELECT %(id)s, %(user_id)s, %(refresh_hash)s, %(now)s, %(expires_at)s
"""

OPEN = _SESSION + "RETURNING id"

# The user's row is locked, and is still as it was when the password was checked; or nothing is written.
ENTER = f"""
WITH entered AS (
    UPDATE users
    SET last_seen_at = CASE WHEN last_seen_at <= %(a_minute_ago)s THEN %(now)s ELSE last_seen_at END,
        updated_at = CASE WHEN last_seen_at <= %(a_minute_ago)s THEN %(now)s ELSE updated_at END
    WHERE id = %(user_id)s AND is_active AND token_version = %(version)s
    RETURNING id
)
{_SESSION}
FROM entered
RETURNING id
"""  # noqa: S608 - of constants

# Under a lock of the user: it sees the tables as they were before it, and must miss no session.
REPLACE_SESSIONS = f"""
WITH revoked AS (
    UPDATE sessions SET revoked_at = %(now)s WHERE user_id = %(user_id)s AND revoked_at IS NULL
)
{_SESSION}
RETURNING id
"""  # noqa: S608 - of constants


# Of parallel uses all have found the session, but only one finds its hash still in place.
ROTATE = """
WITH rotated AS (
    UPDATE sessions
    SET refresh_hash = %(refresh_hash)s, previous_refresh_hash = %(used)s, rotated_at = %(now)s,
        expires_at = %(expires_at)s
    WHERE id = %(id)s AND refresh_hash = %(used)s AND revoked_at IS NULL
    RETURNING user_id
)
UPDATE users u
SET last_seen_at = CASE WHEN last_seen_at <= %(a_minute_ago)s THEN %(now)s ELSE last_seen_at END,
    updated_at = CASE WHEN last_seen_at <= %(a_minute_ago)s THEN %(now)s ELSE u.updated_at END
FROM rotated WHERE u.id = rotated.user_id
RETURNING u.id
"""


def move_session(how: str, values: dict[str, Any]) -> bool:
    """Whether it was opened, or rotated."""
    return bool(connection.rows(how, values, prepared=True))
