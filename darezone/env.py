"""Typed readers of environment variables: nonsense stops the start with a sentence that names the variable."""

import os

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


def text(name: str, default: str | None = None) -> str:
    """The variable's text; without a default it is required. An empty variable counts as unset."""
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise ImproperlyConfigured(f"{name} is required and not set.")
    return value


def choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be one of {', '.join(choices)}.")
    return value


def flag(name: str, default: bool) -> bool:
    value = text(name, str(default)).lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be true or false.")
    return value in TRUE


def integer(name: str, default: int, low: int = 0, high: int = 2**31 - 1) -> int:
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be a whole number from {low} to {high}.")
    return int(value)


def items(name: str, default: str) -> list[str]:
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def integers(name: str, default: str, low: int = 0) -> list[int]:
    values = items(name, default)
    if not all(value.isascii() and value.isdigit() and int(value) >= low for value in values):
        raise ImproperlyConfigured(f"{name} is {','.join(values)!r}; it must be whole numbers from {low}, by commas.")
    return [int(value) for value in values]
