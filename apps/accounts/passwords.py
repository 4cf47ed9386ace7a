"""Password hashing with OWASP's Argon2id parameters, and what makes a password weak."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator

from apps.accounts import emails


class Argon2id(Argon2PasswordHasher):
    """19 MiB, two passes, one lane: tens of milliseconds. Django's default (100 MiB, 8 lanes) takes 0.6-1 s here.

    Two hashes at a time in a process: a burst of log-ins queues here instead of taking every core from other requests.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    _two_at_a_time = threading.BoundedSemaphore(2)

    def encode(self, password: str, salt: str) -> str:
        with self._two_at_a_time:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with self._two_at_a_time:
            return super().verify(password, encoded)


def matches(password: str, encoded: str | None) -> bool:
    """Without an account (None) it takes as long: nobody learns from the time whether an address is known."""
    if encoded is None:
        make_password(password)
        return False
    return check_password(password, encoded)


def changed(current: str, encoded: str, new: str) -> str | None:
    """The new one's hash, or None when the current one is wrong. Each is a hash, and they are computed beside each
    other: one after the other, a change takes twice as long as a log-in."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        hashed = beside.submit(make_password, new)
        return hashed.result() if matches(current, encoded) else None


def is_easily_guessed(password: str) -> bool:
    return password.isdigit() or password.lower().strip() in _common_passwords()


def is_name_of(password: str, email: str) -> bool:
    """The address or the part of it before the @, as it was typed or in its normal form."""
    addresses = {email.strip().lower(), emails.normal_form(email)}
    return password.lower() in addresses | {emails.local_part(address) for address in addresses}


@lru_cache(maxsize=1)
def _common_passwords() -> set[str]:
    return CommonPasswordValidator().passwords
