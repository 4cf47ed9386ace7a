"""Writes of accounts and their sessions. A user is locked before its sessions; hashing happens in no transaction."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db.models import CharField, DateTimeField, F, IntegerField, Q, QuerySet, UUIDField

from apps.accounts import cache, emails, errors, lockout, passwords, reads, statements
from apps.accounts.models import Session, User
from apps.accounts.principal import Principal
from apps.accounts.querysets import ACCOUNT
from apps.accounts.tokens import Grant, fingerprint, issue_access, new_refresh, refresh_lifetime, session_of
from apps.core import clock
from apps.core.compiled_updates import Update
from apps.core.errors import Invalid, invalid_token, violation
from apps.core.models import uuid7
from apps.core.transactions import transactional

# A refresh token used again this soon is a client that asked twice; later it was stolen.
RETRY_SECONDS = 60
SEEN_EVERY = timedelta(minutes=1)

_change_password = Update(
    lambda user_id, version, encoded, now: (
        User.objects.active().filter(pk=user_id, token_version=version),
        {"password": encoded, "token_version": F("token_version") + 1, "updated_at": now},
    ),
    user_id=UUIDField(),
    version=IntegerField(),
    encoded=CharField(),
    now=DateTimeField(),
)


def sign_up(*, email: str, password: str, display_name: str | None = None, **optional: Any) -> Grant:
    """An account and its first session. `email_taken` when the address has one. `optional`: full_name, timezone."""
    name = display_name or emails.local_part(email)[:50]
    return _create_account(email=email, password=make_password(password), display_name=name, **optional)


@transactional
def _create_account(**columns: Any) -> Grant:
    user = User.objects.create(**columns)
    row = {column: getattr(user, column) for column in (*ACCOUNT, "token_version")}
    return _move_session(row, statements.OPEN, id=uuid7())


def log_in(*, email: str, password: str) -> Grant:
    """A new session. Raises `login_locked`, or `invalid_credentials` for every failure alike."""
    found = reads.for_token(email=email)
    has_failed = lockout.refuse_locked(email, found)
    user = found.row()
    if not passwords.matches(password, user and user["password"]):
        lockout.count_failure(email)
        raise errors.invalid_credentials()
    return _enter(user, has_failed=has_failed)


@transactional
def _enter(user: dict, *, has_failed: bool) -> Grant:
    grant = _move_session(user, statements.ENTER, id=uuid7())
    # The password may have changed while it was checked: then nobody enters with the old one.
    if not grant:
        raise errors.invalid_credentials()
    cache.expire_facts([user["id"]])
    if has_failed:
        lockout.forget(user["email"])
    return grant


def refresh(*, refresh_token: str) -> Grant:
    """New tokens for the session of a refresh token, which works once; everything else is `invalid_token`.

    One that was used more than a minute ago revokes its session, however often that was renewed since.
    """
    used = fingerprint(refresh_token)
    grant = _rotate(used)
    if not grant:
        since = clock.now() - timedelta(seconds=RETRY_SECONDS)
        _revoke_stolen(used, session_of(refresh_token), since)
        raise invalid_token()
    return grant


@transactional
def _revoke_stolen(used: str, session_id: UUID | None, since: datetime) -> None:
    # A session renewed within the minute may have got rid of this very token just now: then the next time tells.
    family = Q(previous_refresh_hash=used) | Q(pk=session_id) & ~Q(refresh_hash=used)
    stolen = Session.objects.filter(family, rotated_at__lt=since, revoked_at=None)
    owners = list(stolen.select_for_update(no_key=True).values_list("user_id", flat=True))
    if owners:
        _revoke(stolen)
        cache.expire_facts(owners)


@transactional
def _rotate(used: str) -> Grant | None:
    user = reads.lock_for_session(used)
    grant = user and _move_session(user, statements.ROTATE, id=user["session"], used=used)
    if grant:
        cache.expire_facts([user["id"]])
    return grant


def change_password(*, principal: Principal, current_password: str, new_password: str) -> Grant:
    """Ends every session and opens a new one. A wrong current password counts as a failed log-in."""
    user = reads.for_token(pk=principal.id).row()
    if not user:
        raise invalid_token()
    if passwords.is_name_of(new_password, user["email"]):
        raise Invalid([violation(["body", "new_password"], "Is your e-mail address.", "weak_password")])
    has_failed = lockout.refuse_locked(user["email"])
    encoded = passwords.changed(current_password, user["password"], new_password)
    if not encoded:
        lockout.count_failure(user["email"])
        raise errors.wrong_password()
    return _replace_password(user, principal, encoded, has_failed=has_failed)


@transactional
def _replace_password(user: dict, principal: Principal, encoded: str, *, has_failed: bool) -> Grant:
    version = principal.token_version
    # Of parallel changes one moves the version; the others come with a token that is too old by now.
    if not _change_password.run(user_id=principal.id, version=version, encoded=encoded, now=clock.now()):
        raise invalid_token()
    cache.expire_facts([principal.id])
    if has_failed:
        lockout.forget(user["email"])
    return _move_session(user | {"token_version": version + 1}, statements.REPLACE_SESSIONS, id=uuid7())


@transactional
def set_password(*, user_id: UUID, encoded: str) -> None:
    """By staff: ends every session of the account, as a change by its owner does."""
    changed = {"password": encoded, "token_version": F("token_version") + 1, "updated_at": clock.now()}
    User.objects.filter(pk=user_id).update(**changed)
    _revoke_all(user_id)


@transactional
def log_out(*, user_id: UUID, session_id: UUID) -> None:
    _revoke(Session.objects.filter(pk=session_id))
    cache.expire_facts([user_id])


@transactional
def deactivate_user(*, user_id: UUID) -> None:
    """Ends the account's use at once, everywhere. Its rows stay."""
    active = User.objects.active().filter(pk=user_id)
    if active.update(is_active=False, token_version=F("token_version") + 1, updated_at=clock.now()):
        _revoke_all(user_id)


@transactional
def update_profile(*, user_id: UUID, **changes: Any) -> None:
    """`changes`: full_name, display_name, bio, avatar_url, timezone."""
    user = User.objects.filter(pk=user_id)
    if "timezone" in changes:
        before = user.select_for_update(no_key=True).values("timezone", "day_floor").get()
        # The day that was reached under the old zone stays reached: a day never runs backwards.
        if before["day_floor"] and before["timezone"] != changes["timezone"]:
            changes["day_floor"] = clock.today(**before)
        cache.expire_lists([user_id])
    user.update(**changes, updated_at=clock.now())
    cache.expire_facts([user_id])


def _move_session(user: dict, how: str, *, id: UUID, **more: str) -> Grant | None:
    """Opened or rotated by one of the statements; None when it did not let this user in."""
    now, token = clock.now(), new_refresh(id)
    values = {
        "id": id,
        "user_id": user["id"],
        "version": user["token_version"],
        "refresh_hash": fingerprint(token),
        "now": now,
        "a_minute_ago": now - SEEN_EVERY,
        "expires_at": now + refresh_lifetime(),
    }
    if not statements.move_session(how, values | more):
        return None
    return Grant(user, issue_access(user["id"], id, user["token_version"]), token)


def _revoke_all(user_id: UUID) -> None:
    _revoke(Session.objects.filter(user_id=user_id))
    cache.expire_facts([user_id])


def _revoke(sessions: QuerySet) -> None:
    sessions.filter(revoked_at=None).update(revoked_at=clock.now())
