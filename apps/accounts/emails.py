"""The one form of an e-mail address in which it is stored, compared and counted (contract 1.3)."""

import unicodedata

import idna
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

MAX_LENGTH = 254

_validate = EmailValidator()


def normal_form(text: str) -> str:
    """NFKC, trimmed, lower case, the domain in ASCII. Text that is no address comes back as far as this goes."""
    text = unicodedata.normalize("NFKC", text).strip().lower()
    local, at, domain = text.rpartition("@")
    return local + at + _ascii(domain)


def is_address(normal: str) -> bool:
    """May this normal form be an account's address? Any top-level domain may, also .test."""
    if len(normal) > MAX_LENGTH or not normal.isascii():
        return False
    try:
        _validate(normal)
    except ValidationError:
        return False
    return True


def local_part(normal: str) -> str:
    return normal.rpartition("@")[0]


def _ascii(domain: str) -> str:
    # A longer name cannot become a domain, and converting it costs more than it is worth.
    if domain.isascii() or len(domain) > MAX_LENGTH:
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except UnicodeError:  # what idna raises is one
        return domain
