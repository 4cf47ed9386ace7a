"""Django's own error pages, in the contract's shape: for what fails outside an API view."""

from django.http import HttpRequest

from apps.core import errors
from apps.core.answers import Json


def bad_request(request: HttpRequest, exception: Exception) -> Json:
    return errors.answer(errors.bad_request())


def not_found(request: HttpRequest, exception: Exception) -> Json:
    return errors.answer(errors.not_found())


def internal_error(request: HttpRequest) -> Json:
    return errors.answer(errors.internal_error())
