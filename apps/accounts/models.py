from datetime import date
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from apps.accounts import emails
from apps.accounts.querysets import UserQuerySet
from apps.core import clock
from apps.core.models import (
    CreatedAt,
    FixedChar,
    Key,
    StrictManager,
    UpdatedAt,
    enumeration,
    not_negative,
    one_of,
    reference,
)


class AccountType(models.TextChoices):
    B2C = "b2c"
    B2B = "b2b"


class UserManager(BaseUserManager, StrictManager.from_queryset(UserQuerySet)):
    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email=emails.normal_form(email))

    def create_user(self, email: str, password: str | None = None, **columns: Any) -> "User":
        """An account by hand: the address in its normal form, a display name as at signup, no session.

        Without a password nobody can log in.
        """
        email = emails.normal_form(email)
        if not emails.is_address(email):
            raise ValidationError("That is no e-mail address.")
        columns.setdefault("display_name", emails.local_part(email)[:50])
        return self.create(email=email, password=make_password(password), **columns)

    def create_superuser(self, email: str, password: str | None = None, **columns: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **columns)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. Deactivated by `is_active`, never deleted by the API."""

    id = Key()
    email = models.CharField(max_length=254)
    password = models.CharField(max_length=255)
    full_name = models.CharField(max_length=100, null=True, blank=True)
    display_name = models.CharField(max_length=50)
    avatar_url = models.CharField(max_length=2048, null=True, blank=True)
    bio = models.CharField(max_length=500, null=True, blank=True)
    timezone = models.CharField(max_length=64, default="UTC")
    day_floor = models.DateField(null=True, blank=True)
    account_type = enumeration(AccountType, default=AccountType.B2C)
    forced_mode = enumeration(AccountType, null=True, blank=True)
    current_streak = models.IntegerField(default=0)
    longest_streak = models.IntegerField(default=0)
    total_check_ins = models.IntegerField(default=0)
    points = models.IntegerField(default=0)
    total_challenges_completed = models.IntegerField(default=0)
    last_checkin_date = models.DateField(null=True, blank=True)
    push_token = models.CharField(max_length=255, null=True, blank=True)
    push_device_type = models.CharField(max_length=20, null=True, blank=True)
    token_version = models.IntegerField(default=0)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created_at = CreatedAt()
    updated_at = UpdatedAt()
    last_seen_at = CreatedAt()
    last_login = None

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        db_table = "users"
        constraints = [
            models.UniqueConstraint(fields=["email"], name="one_account_per_email"),
            models.UniqueConstraint(
                fields=["push_token"], name="one_account_per_push_token", condition=Q(push_token__isnull=False)
            ),
            one_of("account_type", AccountType, name="known_account_type"),
            one_of("forced_mode", AccountType, name="known_forced_mode"),
            not_negative(
                "current_streak",
                "longest_streak",
                "total_check_ins",
                "points",
                "total_challenges_completed",
                name="user_counters_not_negative",
            ),
        ]
        indexes = [
            # User search: a display name that contains the text.
            GinIndex(OpClass(Upper("display_name"), "gin_trgm_ops"), name="idx_users_display_name_trgm"),
            # Streak reminders: where it is eight o'clock, who checked in yesterday.
            models.Index(
                fields=["timezone", "last_checkin_date"], name="idx_users_reminder", condition=Q(current_streak__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def today(self) -> date:
        return clock.today(self.timezone, self.day_floor)


class Session(models.Model):
    """One login. Only the SHA-256 of its refresh token is stored; rotation is one conditional UPDATE."""

    id = Key()
    user = reference("accounts.User", "sessions")
    refresh_hash = FixedChar(max_length=64)
    previous_refresh_hash = FixedChar(max_length=64, null=True, blank=True)
    rotated_at = models.DateTimeField(null=True, blank=True)
    created_at = CreatedAt()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = StrictManager()

    class Meta:
        db_table = "sessions"
        constraints = [models.UniqueConstraint(fields=["refresh_hash"], name="one_session_per_refresh_token")]
        indexes = [
            # The principal: this user's recently revoked sessions; and a password change revokes all of them.
            models.Index(fields=["user", "revoked_at"], name="idx_sessions_user"),
            # A refresh token that was used before.
            models.Index(
                fields=["previous_refresh_hash"],
                name="idx_sessions_previous",
                condition=Q(previous_refresh_hash__isnull=False),
            ),
            # Clean-up: those that have expired.
            models.Index(fields=["expires_at"], name="idx_sessions_expires"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class LoginFailure(models.Model):
    """Failed log-ins of one e-mail address, known account or not, counted by one upsert."""

    email_hash = FixedChar(max_length=64, primary_key=True)
    failures = models.SmallIntegerField(default=0)
    window_started_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True, blank=True)

    objects = StrictManager()

    class Meta:
        db_table = "login_failures"

    def __str__(self) -> str:
        return self.email_hash
