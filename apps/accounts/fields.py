"""E-mail addresses and passwords in request bodies."""

import unicodedata
from typing import Any

from rest_framework import serializers

from apps.accounts import emails, passwords
from apps.core.fields import Text


class Email(Text):
    """An e-mail address, in its normal form."""

    default_error_messages = {"malformed": "Must be an e-mail address."}

    def __init__(self, **kwargs):
        super().__init__(allow_blank=False, max_length=emails.MAX_LENGTH, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        normal = emails.normal_form(super().to_internal_value(data))
        if len(normal) > emails.MAX_LENGTH:
            self.fail("max_length", max_length=emails.MAX_LENGTH)
        if not emails.is_address(normal):
            raise serializers.ValidationError(self.error_messages["malformed"], code="invalid")
        return normal


class LoginEmail(Text):
    """What someone types as their address, in its normal form: a malformed one is just unknown."""

    def __init__(self, **kwargs):
        super().__init__(allow_blank=False, max_length=emails.MAX_LENGTH, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> str:
        return emails.normal_form(super().run_validation(data))


class Password(Text):
    """A password as it is typed: in NFC, so that every keyboard sends the same, and never trimmed."""

    def __init__(self, **kwargs):
        super().__init__(allow_blank=False, max_length=128, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> str:
        if isinstance(data, str):
            data = unicodedata.normalize("NFC", data)
        return serializers.CharField.run_validation(self, data)


class NewPassword(Password):
    """A password that is neither short nor easily guessed."""

    default_error_messages = {"weak_password": "Is too easy to guess."}

    def __init__(self, **kwargs):
        super().__init__(min_length=8, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> str:
        if data == "":
            self.fail("min_length", min_length=self.min_length)
        password = super().run_validation(data)
        if passwords.is_easily_guessed(password):
            self.fail("weak_password")
        return password
