"""The reads that are made again and again, compiled once: an ORM queryset each, in querysets.py."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import CharField, DateTimeField, UUIDField

from apps.accounts.models import User
from apps.accounts.principal import Principal
from apps.accounts.tokens import access_lifetime
from apps.core import clock
from apps.core.compiled import Call, Compiled, together

_principal = Compiled(User.objects.for_principal, user_id=UUIDField(), revoked_since=DateTimeField())
_principal_and_profile = Compiled(
    User.objects.for_principal_and_profile, user_id=UUIDField(), revoked_since=DateTimeField()
)
_by_email = Compiled(User.objects.for_token, email=CharField())
_by_key = Compiled(User.objects.for_token, pk=UUIDField())
_by_session = Compiled(User.objects.for_session, refresh_hash=CharField(), now=DateTimeField())
_account = Compiled(User.objects.for_account, user_id=UUIDField())
_profile = Compiled(User.objects.for_profile, user_id=UUIDField())
_stats = Compiled(User.objects.for_stats, user_id=UUIDField())
_public_facts = Compiled(User.objects.for_public_facts, user_id=UUIDField())
_access = Compiled(User.objects.for_access, user_id=UUIDField(), viewer_id=UUIDField())


def principal(user_id: UUID, *ahead: Call) -> Principal | None:
    """The facts every authenticated request needs, in one row; None for an unknown or deactivated user. In the same
    round trip the calls that are made ahead."""
    found = _principal.call(user_id=user_id, revoked_since=_revoked_since())
    together(found, *ahead)
    rows = found.tuples()
    return Principal(*rows[0][:-1], tuple(rows[0][-1])) if rows else None


def principal_and_profile(user_id: UUID) -> tuple[Principal, dict[str, Any]] | None:
    """Both in one row, where both are about to be asked for; None for a deactivated user."""
    row = _principal_and_profile.row(user_id=user_id, revoked_since=_revoked_since())
    if not row:
        return None
    revoked = tuple(row.pop("revoked"))
    staff, version = row.pop("is_staff"), row.pop("token_version")
    return Principal(row["id"], staff, version, row["timezone"], row["day_floor"], revoked), row


def _revoked_since() -> datetime:
    """A session revoked longer ago has no access token left that is not expired."""
    return clock.now() - access_lifetime() - timedelta(minutes=1)


def for_token(**who: Any) -> Call:
    """By `email` or `pk`: what a log-in checks and answers, of an active user."""
    return (_by_email if "email" in who else _by_key).call(**who)


def lock_for_session(refresh_hash: str) -> dict[str, Any] | None:
    """What a refresh answers, and `session`, of the live session with this refresh token. Locks the user."""
    return _by_session.call(refresh_hash=refresh_hash, now=clock.now()).row()


def account(user_id: UUID) -> Call:
    return _account.call(user_id=user_id)


def profile(user_id: UUID) -> Call:
    """The own profile."""
    return _profile.call(user_id=user_id)


def stats(user_id: UUID) -> Call:
    return _stats.call(user_id=user_id)


def public_facts(user_id: UUID) -> dict[str, Any] | None:
    """None for an unknown or deactivated user."""
    return _public_facts.row(user_id=user_id)


def may_see(user_id: UUID, viewer_id: UUID) -> bool:
    """Are the two friends, or both active members of one challenge? Never across a block."""
    ((friendship, share_challenge),) = _access.tuples(user_id=user_id, viewer_id=viewer_id)
    return friendship == "accepted" or (share_challenge and friendship != "blocked")
