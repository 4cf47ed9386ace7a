"""Forms of the staff site for accounts: the rules for addresses and passwords are those of signup and log-in."""

import unicodedata
from typing import Any

from django import forms
from django.contrib.admin.forms import AdminPasswordChangeForm as OwnPasswordForm
from django.contrib.auth.forms import AdminPasswordChangeForm, BaseUserCreationForm
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminURLInputWidget,
)

from apps.accounts import emails, lockout, passwords, services
from apps.accounts.models import User
from apps.core import clock
from apps.core.errors import ApiError


class EmailField(forms.CharField):
    """An address in its normal form."""

    def __init__(self, **options):
        super().__init__(**options | {"widget": UnfoldAdminEmailInputWidget, "max_length": emails.MAX_LENGTH})

    def to_python(self, value: Any) -> str:
        return emails.normal_form(super().to_python(value))

    def validate(self, value: str) -> None:
        super().validate(value)
        if not emails.is_address(value):
            raise ValidationError("Enter an e-mail address.", code="invalid")


class PasswordField(forms.CharField):
    """As it is typed, in NFC: what the API compares."""

    def __init__(self, **options):
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password", "class": " ".join(INPUT_CLASSES)})
        super().__init__(strip=False, min_length=8, max_length=128, widget=widget, **options)

    def to_python(self, value: Any) -> str:
        return unicodedata.normalize("NFC", super().to_python(value))


def password_fields() -> tuple[PasswordField, PasswordField]:
    rules = "8 to 128 characters; not only digits, not a common password, not the e-mail address."
    return PasswordField(label="Password", help_text=rules), PasswordField(label="Password again")


class PasswordRules:
    """Of two password fields: what is weak, and how a new one is stored."""

    def validate_password_for_user(self, user: User, password_field_name: str = "password2") -> None:  # noqa: S107
        password = self.cleaned_data.get(password_field_name)
        if password and (passwords.is_easily_guessed(password) or passwords.is_name_of(password, user.email)):
            self.add_error(password_field_name, ValidationError("Is too easy to guess.", code="weak_password"))

    def set_password_and_save(
        self,
        user: User,
        password_field_name: str = "password1",  # noqa: S107
        commit: bool = True,
    ) -> User:
        usable = self.cleaned_data.get("set_usable_password", True)
        user.password = make_password(self.cleaned_data[password_field_name] if usable else None)
        if commit:
            services.set_password(user_id=user.pk, encoded=user.password)
        return user


class UserAddForm(PasswordRules, BaseUserCreationForm):
    password1, password2 = password_fields()

    class Meta:
        model = User
        fields = ("email", "display_name")
        field_classes = {"email": EmailField}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["display_name"].required = False
        self.fields["display_name"].help_text = "Left empty: the part of the address before the @."

    def clean(self) -> dict:
        cleaned = super().clean()
        # As at signup.
        cleaned["display_name"] = cleaned.get("display_name") or emails.local_part(cleaned.get("email", ""))[:50]
        return cleaned


class UserForm(forms.ModelForm):
    avatar_url = forms.URLField(
        label="Avatar URL", max_length=2048, required=False, empty_value=None, widget=UnfoldAdminURLInputWidget
    )
    timezone = forms.ChoiceField(
        choices=lambda: [(name, name) for name in sorted(clock.timezones())], widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = User
        fields = ("email", "avatar_url", "timezone")
        field_classes = {"email": EmailField}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "user_permissions" in self.fields:  # a permission's name holds that of its content type
            permissions = self.fields["user_permissions"]
            permissions.queryset = permissions.queryset.select_related("content_type")


class UserPasswordForm(PasswordRules, AdminPasswordChangeForm):
    """A new password for somebody else, or none."""

    usable_password_help_text = "Disabled: nobody can log in until a new password is set here."  # noqa: S105
    password1, password2 = password_fields()


class StaffPasswordForm(PasswordRules, OwnPasswordForm):
    """A new password of one's own."""

    new_password1, new_password2 = password_fields()


class StaffLoginForm(AuthenticationForm):
    """Guesses here count as guesses at the API's log-in, and a lock closes both doors."""

    def clean_username(self) -> str:
        return emails.normal_form(self.cleaned_data["username"])

    def clean_password(self) -> str:
        return unicodedata.normalize("NFC", self.cleaned_data["password"])

    def clean(self) -> dict:
        email = self.cleaned_data.get("username")
        if not email or not self.cleaned_data.get("password"):
            return super().clean()
        try:
            return self._enter(email)
        except ApiError as locked:
            raise ValidationError(locked.sentence, code=locked.code) from None

    def _enter(self, email: str) -> dict:
        lockout.refuse_locked(email)
        try:
            cleaned = super().clean()
        except ValidationError:
            lockout.count_failure(email)
            raise
        lockout.forget(email)
        return cleaned
