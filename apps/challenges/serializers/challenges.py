"""Shapes of challenges, and the pure functions that make them from rows."""

from datetime import date
from typing import Any

from django.conf import settings
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from apps.challenges.models import ChallengeStatus, ChallengeType, CheckinType, MemberStatus, Role
from apps.challenges.querysets import CHALLENGE_COLUMNS
from apps.challenges.serializers.members import ChallengeMemberSerializer, MemberStatsSerializer, member, stats
from apps.core.clock import shown_streak
from apps.core.fields import Boolean, Choice, Date, Ids, Integer, Text, parse_date
from apps.core.numbers import percentage
from apps.core.pagination import CursorQuery, PageQuery
from apps.core.queries import SearchText


class ChallengeBaseSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField(allow_null=True)
    type = serializers.ChoiceField(ChallengeType.values)
    status = serializers.ChoiceField(ChallengeStatus.values)
    start_date = serializers.DateField()
    end_date = serializers.DateField()
    duration_days = serializers.IntegerField()
    checkin_type = serializers.ChoiceField(CheckinType.values)
    require_evidence = serializers.BooleanField()
    is_public = serializers.BooleanField()
    max_members = serializers.IntegerField()
    member_count = serializers.IntegerField()
    current_streak = serializers.IntegerField()
    organization_id = serializers.UUIDField(allow_null=True)
    program_id = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    created_by = serializers.UUIDField()


class ChallengeListItemSerializer(ChallengeBaseSerializer):
    invite_code = serializers.CharField(allow_null=True)
    my_role = serializers.ChoiceField(Role.values, allow_null=True)
    my_status = serializers.ChoiceField(MemberStatus.values, allow_null=True)


class ChallengeListSerializer(serializers.Serializer):
    challenges = ChallengeListItemSerializer(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    limit = serializers.IntegerField()
    pages = serializers.IntegerField()


class ChallengeDiscoverSerializer(serializers.Serializer):
    """`total`, `page` and `pages` are null when the list is walked by cursor."""

    challenges = ChallengeListItemSerializer(many=True)
    total = serializers.IntegerField(allow_null=True)
    page = serializers.IntegerField(allow_null=True)
    limit = serializers.IntegerField()
    pages = serializers.IntegerField(allow_null=True)
    next_cursor = serializers.CharField(allow_null=True)


class ChallengeHabitSerializer(serializers.Serializer):
    """`id` is the habit: send it in check-ins."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    icon = serializers.CharField(allow_null=True)
    description = serializers.CharField(allow_null=True)
    category = serializers.CharField(allow_null=True)
    display_order = serializers.IntegerField()
    custom_name = serializers.CharField(allow_null=True)
    custom_icon = serializers.CharField(allow_null=True)
    custom_description = serializers.CharField(allow_null=True)
    total_checkins = serializers.IntegerField()
    completion_rate = serializers.FloatField()


class ChallengeDetailSerializer(ChallengeListItemSerializer):
    members = ChallengeMemberSerializer(many=True)
    habits = ChallengeHabitSerializer(many=True)
    my_stats = MemberStatsSerializer(allow_null=True)


class ChallengeWriteSerializer(serializers.Serializer):
    name = Text(name=True, max_length=200)
    description = Text(lines=True, max_length=2000, required=False)
    type = Choice([ChallengeType.INDIVIDUAL.value, ChallengeType.GROUP.value], default=ChallengeType.INDIVIDUAL.value)
    start_date = Date()
    end_date = Date()
    habit_ids = Ids(max_length=settings.MAX_HABITS_PER_CHALLENGE)
    checkin_type = Choice(CheckinType.values, default=CheckinType.PHOTO.value)
    require_evidence = Boolean(default=True)
    max_members = Integer(min_value=1, max_value=50, default=10)
    is_public = Boolean(default=False)

    def to_internal_value(self, data: dict) -> dict[str, Any]:
        """Dates that do not fit together are told beside what is wrong with other fields."""
        wrong = wrong_dates(parse_date(data.get("start_date")), parse_date(data.get("end_date")))
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            raise ValidationError(error.detail | wrong) from None
        if wrong:
            raise ValidationError(wrong)
        return values


class ChallengeEditSerializer(serializers.Serializer):
    name = Text(name=True, max_length=200, required=False)
    description = Text(lines=True, max_length=2000, required=False, allow_null=True)
    status = Choice(ChallengeStatus.values, required=False)
    max_members = Integer(min_value=1, max_value=50, required=False)
    is_public = Boolean(required=False)


class ChallengeQuery(PageQuery):
    status_filter = Choice(ChallengeStatus.values, required=False)


class DiscoverQuery(CursorQuery):
    status_filter = Choice([name for name in ChallengeStatus.values if name != "archived"], required=False)
    search = SearchText(min_length=2, max_length=100, required=False)
    scope = Choice(["public", "organization"], default="public")


def challenge_list(found: dict[str, Any], day: date) -> dict[str, Any]:
    """A page as pagination found it, with its rows as list items."""
    return {"challenges": [list_item(row, day) for row in found["rows"]]} | {
        name: value for name, value in found.items() if name != "rows"
    }


def shared_page(stored: dict[str, Any]) -> dict[str, Any]:
    """A page as the cache keeps it, its dates as text, so that streaks can be shown by the viewer's day."""
    for row in stored["rows"]:
        last = row["last_checkin_date"]
        row["last_checkin_date"] = date.fromisoformat(last) if last else None
    return stored


def list_item(row: dict[str, Any], day: date) -> dict[str, Any]:
    """The code is its creator's; discover does not even load it."""
    code = row.pop("invite_code", None)
    item = made_over(row, day)
    item["invite_code"] = code if item["my_role"] == Role.CREATOR else None
    return item


def detail(row: dict[str, Any], members: list[dict], habits: list[dict], day: date) -> dict[str, Any]:
    """`day` is the viewer's."""
    status = row["my_status"]
    due = len(members) * elapsed_days(row["start_date"], row["end_date"], day)
    return base(row, day) | {
        "invite_code": row["invite_code"] if status == MemberStatus.ACTIVE else None,
        "members": [member(found) for found in members],
        "habits": [habit(found, due) for found in habits],
        "my_stats": stats(row, day, prefix="mine__") if status else None,
    }


def base(row: dict[str, Any], day: date) -> dict[str, Any]:
    return made_over({name: row[name] for name in CHALLENGE_COLUMNS}, day)


def made_over(row: dict[str, Any], day: date) -> dict[str, Any]:
    """A row of CHALLENGE_COLUMNS as it is sent. The row itself: to copy each of a page costs as much as to load it."""
    row["current_streak"] = shown_streak(row["current_streak"], row.pop("last_checkin_date"), day)
    row["organization_id"] = row["program_id"] = None
    row["created_by"] = row.pop("created_by_id")
    row["my_role"], row["my_status"] = row.pop("my_role"), row.pop("my_status")
    return row


def habit(row: dict[str, Any], due: int) -> dict[str, Any]:
    """`due` is how often active members could have done it so far."""
    mine = (counts for counts in row["counts"] if counts["habit_id"] == str(row["habit_id"]))
    counts, shown = next(mine, {"total": 0, "by_members": 0}), row["shown"]
    return {
        "id": row["habit_id"],
        "name": row["custom_name"] or shown["name"],
        "icon": row["custom_icon"] or shown["icon"],
        "description": row["custom_description"] or shown["description"],
        "category": shown["category"],
        "display_order": row["display_order"],
        "custom_name": row["custom_name"],
        "custom_icon": row["custom_icon"],
        "custom_description": row["custom_description"],
        "total_checkins": counts["total"],
        "completion_rate": percentage(counts["by_members"], due),
    }


def elapsed_days(start: date, end: date, day: date) -> int:
    """Days of a challenge up to `day`, both ends counted (contract 3.7)."""
    return max((min(day, end) - start).days + 1, 0)


def wrong_dates(start: date | None, end: date | None) -> dict[str, list[ErrorDetail]]:
    """What is wrong with two dates together; nothing while one of them is wrong by itself."""
    if not (start and end):
        return {}
    if end <= start:
        return {"end_date": [ErrorDetail("Must be after start_date.", code="invalid")]}
    if (end - start).days > settings.MAX_CHALLENGE_DURATION:
        message = f"Must be at most {settings.MAX_CHALLENGE_DURATION} days after start_date."
        return {"end_date": [ErrorDetail(message, code="invalid")]}
    return {}
