"""Shapes of accounts, and the rows that fill them."""

from datetime import date
from typing import Any

from django.conf import settings
from rest_framework import serializers

from apps.accounts import passwords
from apps.accounts.fields import Email, LoginEmail, NewPassword, Password
from apps.accounts.querysets import COUNTED
from apps.accounts.tokens import Grant
from apps.core import clock
from apps.core.fields import Text, Timezone, Url
from apps.core.queries import QueryInteger, SearchText


class SignupSerializer(serializers.Serializer):
    email = Email()
    password = NewPassword()
    full_name = Text(name=True, max_length=100, required=False)
    display_name = Text(name=True, max_length=50, required=False)
    timezone = Timezone(default="UTC")

    def to_internal_value(self, data: dict) -> dict[str, Any]:
        """Says also when the password is the address, whatever else is wrong."""
        try:
            values, wrong = super().to_internal_value(data), {}
        except serializers.ValidationError as error:
            values, wrong = {}, error.detail
        if "password" not in wrong and isinstance(data.get("email"), str):
            if passwords.is_name_of(data["password"], data["email"]):
                message = "Is your e-mail address."
                wrong["password"] = [serializers.ErrorDetail(message, code="weak_password")]
        if wrong:
            raise serializers.ValidationError(wrong)
        return values


class LoginSerializer(serializers.Serializer):
    email = LoginEmail()
    password = Password()


class RefreshSerializer(serializers.Serializer):
    refresh_token = Text(allow_blank=False, max_length=512)


class PasswordChangeSerializer(serializers.Serializer):
    current_password = Password()
    new_password = NewPassword()


class ProfileWriteSerializer(serializers.Serializer):
    full_name = Text(name=True, max_length=100, allow_null=True, required=False)
    display_name = Text(name=True, max_length=50, required=False)
    bio = Text(lines=True, keep_empty=True, max_length=500, allow_null=True, required=False)
    avatar_url = Url(allow_blank=False, allow_null=True, required=False)
    timezone = Timezone(required=False)


class UserSearchQuery(serializers.Serializer):
    q = SearchText(min_length=2, max_length=50)
    limit = QueryInteger(min_value=1, max_value=50, default=20)


class AccountStatsSerializer(serializers.Serializer):
    current_streak = serializers.IntegerField()
    longest_streak = serializers.IntegerField()
    total_check_ins = serializers.IntegerField()
    total_challenges_completed = serializers.IntegerField()
    points = serializers.IntegerField()


class UserStatsSerializer(AccountStatsSerializer):
    active_challenges = serializers.IntegerField()
    friend_count = serializers.IntegerField()


class AuthUserSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    email = serializers.CharField()
    full_name = serializers.CharField(allow_null=True)
    display_name = serializers.CharField()
    avatar_url = serializers.CharField(allow_null=True)
    bio = serializers.CharField(allow_null=True)
    timezone = serializers.CharField()
    account_type = serializers.ChoiceField(["b2c", "b2b"])
    stats = AccountStatsSerializer()
    created_at = serializers.DateTimeField()


class TokensSerializer(serializers.Serializer):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    token_type = serializers.ChoiceField(["bearer"])
    expires_in = serializers.IntegerField()
    user = AuthUserSerializer()


class VerifiedSerializer(serializers.Serializer):
    valid = serializers.BooleanField()
    user_id = serializers.UUIDField()
    email = serializers.CharField()


class UserProfileSerializer(AuthUserSerializer):
    organization_id = serializers.UUIDField(allow_null=True)
    stats = UserStatsSerializer()
    last_seen_at = serializers.DateTimeField()


class PublicProfileSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    display_name = serializers.CharField()
    avatar_url = serializers.CharField(allow_null=True)
    bio = serializers.CharField(allow_null=True)
    stats = UserStatsSerializer()
    is_you = serializers.BooleanField()


class UserFoundSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    display_name = serializers.CharField()
    avatar_url = serializers.CharField(allow_null=True)
    is_friend = serializers.BooleanField()
    friendship_status = serializers.ChoiceField(["pending", "accepted", "rejected", "blocked"], allow_null=True)
    active_challenge_id = serializers.UUIDField(allow_null=True)


def tokens(grant: Grant) -> dict:
    return {
        "access_token": grant.access,
        "refresh_token": grant.refresh,
        "token_type": "bearer",
        "expires_in": settings.ACCESS_TOKEN_LIFETIME_MINUTES * 60,
        "user": auth_user(grant.user),
    }


def auth_user(row: dict) -> dict:
    return {
        "id": row["id"],
        "email": row["email"],
        "full_name": row["full_name"],
        "display_name": row["display_name"],
        "avatar_url": row["avatar_url"],
        "bio": row["bio"],
        "timezone": row["timezone"],
        "account_type": row["forced_mode"] or row["account_type"],
        "stats": account_stats(row),
        "created_at": row["created_at"],
    }


def user_profile(row: dict) -> dict:
    more = {"organization_id": None, "stats": user_stats(row), "last_seen_at": row["last_seen_at"]}
    return auth_user(row) | more


def public_profile(row: dict, *, is_you: bool) -> dict:
    """`row` as the cache keeps it, its dates as text."""
    row = row | {name: date.fromisoformat(row[name]) for name in ("day_floor", "last_checkin_date") if row[name]}
    return {
        "id": row["id"],
        "display_name": row["display_name"],
        "avatar_url": row["avatar_url"],
        "bio": row["bio"],
        "stats": user_stats(row),
        "is_you": is_you,
    }


def user_found(row: dict, shared: dict) -> dict:
    """`shared`: by user, the newest challenge together."""
    return row | {"is_friend": row["friendship_status"] == "accepted", "active_challenge_id": shared.get(row["id"])}


def account_stats(row: dict) -> dict:
    """The streak is shown by the person's own day."""
    day = clock.today(row["timezone"], row["day_floor"])
    return {
        "current_streak": clock.shown_streak(row["current_streak"], row["last_checkin_date"], day),
        "longest_streak": row["longest_streak"],
        "total_check_ins": row["total_check_ins"],
        "total_challenges_completed": row["total_challenges_completed"],
        "points": row["points"],
    }


def user_stats(row: dict) -> dict:
    return account_stats(row) | {name: row[name] for name in COUNTED}
