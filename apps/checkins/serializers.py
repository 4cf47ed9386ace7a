"""Shapes of check-ins, and the pure functions that make them from rows."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from apps.checkins.querysets import FIELDS
from apps.checkins.services import Recorded
from apps.core.fields import Date, Id, Text, Url
from apps.core.pagination import CursorQuery


class CheckinSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    challenge_id = serializers.UUIDField()
    habit_id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    checkin_date = serializers.DateField()
    status = serializers.CharField()
    photo_url = serializers.CharField(allow_null=True)
    video_url = serializers.CharField(allow_null=True)
    caption = serializers.CharField(allow_null=True)
    is_on_time = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class CheckinWithUserSerializer(CheckinSerializer):
    user_display_name = serializers.CharField()
    user_avatar_url = serializers.CharField(allow_null=True)
    is_you = serializers.BooleanField()


class CheckinListSerializer(serializers.Serializer):
    """`total`, `page` and `pages` are null when the list is walked by cursor."""

    checkins = CheckinWithUserSerializer(many=True)
    total = serializers.IntegerField(allow_null=True)
    page = serializers.IntegerField(allow_null=True)
    limit = serializers.IntegerField()
    pages = serializers.IntegerField(allow_null=True)
    next_cursor = serializers.CharField(allow_null=True)


class CheckinCreatedSerializer(serializers.Serializer):
    checkin = CheckinSerializer()
    new_streak = serializers.IntegerField()
    points_earned = serializers.IntegerField()
    is_streak_broken = serializers.BooleanField()
    message = serializers.CharField()


class TodayMemberSerializer(serializers.Serializer):
    user_id = serializers.UUIDField()
    user_name = serializers.CharField()
    user_avatar_url = serializers.CharField(allow_null=True)
    is_you = serializers.BooleanField()
    checked_in_today = serializers.BooleanField()
    checkin_time = serializers.DateTimeField(allow_null=True)
    photo_url = serializers.CharField(allow_null=True)


class TodayHabitSerializer(serializers.Serializer):
    habit_id = serializers.UUIDField()
    habit_name = serializers.CharField()
    habit_icon = serializers.CharField(allow_null=True)
    members = TodayMemberSerializer(many=True)
    completion_rate = serializers.FloatField()
    total_checkins_today = serializers.IntegerField()


class ProgressHabitSerializer(serializers.Serializer):
    habit_id = serializers.UUIDField()
    habit_name = serializers.CharField()
    completed = serializers.BooleanField()
    checked_in_at = serializers.DateTimeField(allow_null=True)


class ProgressMemberSerializer(serializers.Serializer):
    user_id = serializers.UUIDField()
    display_name = serializers.CharField()
    avatar_url = serializers.CharField(allow_null=True)
    habits = ProgressHabitSerializer(many=True)
    total_completed = serializers.IntegerField()
    completion_percentage = serializers.FloatField()


class ProgressSerializer(serializers.Serializer):
    challenge_id = serializers.UUIDField()
    date = serializers.DateField()
    members = ProgressMemberSerializer(many=True)
    total_habits = serializers.IntegerField()
    overall_completion = serializers.FloatField()


class CheckinWriteSerializer(serializers.Serializer):
    challenge_id = Id()
    habit_id = Id()
    caption = Text(lines=True, max_length=500, required=False)
    photo_url = Url(required=False)
    video_url = Url(required=False)


class CaptionSerializer(serializers.Serializer):
    caption = Text(lines=True, max_length=500, required=False, allow_null=True)


class CheckinQuery(CursorQuery):
    challenge_id = Id(required=False)


class FeedQuery(CursorQuery):
    page = None  # the feed is walked by cursor only
    date = Date(required=False)


class ProgressQuery(serializers.Serializer):
    target_date = Date(required=False)


def checkin(row: Any) -> dict[str, Any]:
    return {field: getattr(row, field) for field in FIELDS}


def list_of(found: dict[str, Any], user_id: UUID) -> dict[str, Any]:
    """A page of rows with their authors; `is_you` marks those of the viewer."""
    rows = found.pop("rows")
    return {"checkins": [row | {"is_you": row["user_id"] == user_id} for row in rows], **found}


def created(recorded: Recorded) -> dict[str, Any]:
    begins = "a new streak begins, " if recorded.is_streak_broken else ""
    return {
        "checkin": recorded.check_in,
        "new_streak": recorded.new_streak,
        "points_earned": recorded.points_earned,
        "is_streak_broken": recorded.is_streak_broken,
        "message": f"Checked in: {begins}{recorded.new_streak}-day streak, +{recorded.points_earned} points.",
    }
