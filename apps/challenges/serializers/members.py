"""Shapes of memberships, and the pure functions that make them from rows."""

from datetime import date
from typing import Any

from rest_framework import serializers

from apps.challenges.models import MemberStatus, Role
from apps.challenges.querysets import STATS_FIELDS
from apps.core import clock
from apps.core.fields import Choice, Text
from apps.core.pagination import PageQuery
from apps.core.queries import QueryInteger


class MemberStatsSerializer(serializers.Serializer):
    current_streak = serializers.IntegerField()
    longest_streak = serializers.IntegerField()
    total_checkins = serializers.IntegerField()
    points_earned = serializers.IntegerField()
    hitch_count = serializers.IntegerField()


class ChallengeMemberSerializer(serializers.Serializer):
    """`id` is the membership; people are named by `user_id`."""

    id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    display_name = serializers.CharField()
    avatar_url = serializers.CharField(allow_null=True)
    role = serializers.ChoiceField(Role.values)
    status = serializers.ChoiceField(MemberStatus.values)
    stats = MemberStatsSerializer()
    joined_at = serializers.DateTimeField()
    left_at = serializers.DateTimeField(allow_null=True)
    last_checkin_at = serializers.DateTimeField(allow_null=True)


class LeftSerializer(serializers.Serializer):
    message = serializers.CharField()


class InviteCode(Text):
    """Six letters or digits in either case; the upper-case form is what counts."""

    default_error_messages = {"invalid": "Must be six letters or digits."}

    def __init__(self, **kwargs):
        super().__init__(name=True, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        code = super().to_internal_value(data)
        if not (len(code) == 6 and code.isascii() and code.isalnum()):
            self.fail("invalid")
        return code.upper()


class JoinSerializer(serializers.Serializer):
    invite_code = InviteCode()


class RoleSerializer(serializers.Serializer):
    role = Choice([Role.ADMIN.value, Role.MEMBER.value])


class MemberQuery(PageQuery):
    limit = QueryInteger(min_value=1, max_value=100, default=100)
    status = Choice(MemberStatus.values, required=False)


def member(row: dict[str, Any]) -> dict[str, Any]:
    """The streak is shown as of the member's own day."""
    return {
        "id": row["id"],
        "user_id": row["user_id"],
        "display_name": row["display_name"],
        "avatar_url": row["avatar_url"],
        "role": row["role"],
        "status": row["status"],
        "stats": stats(row, clock.today(row["timezone"], row["day_floor"])),
        "joined_at": row["joined_at"],
        "left_at": row["left_at"],
        "last_checkin_at": row["last_checkin_at"],
    }


def stats(row: dict[str, Any], day: date, prefix: str = "") -> dict[str, Any]:
    """`prefix` stands before the names of the columns."""
    shown = {name: row[prefix + name] for name in STATS_FIELDS}
    last = row[prefix + "last_checkin_date"]
    return shown | {"current_streak": clock.shown_streak(shown["current_streak"], last, day)}
