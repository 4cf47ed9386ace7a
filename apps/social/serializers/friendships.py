from datetime import date
from typing import Any

from rest_framework import serializers

from apps.core import clock
from apps.core.fields import Choice, Id
from apps.core.pagination import PageQuery
from apps.core.queries import QueryInteger
from apps.social.models import FriendshipStatus
from apps.social.services.friendships import ANSWERS


class FriendRequestWriteSerializer(serializers.Serializer):
    addressee_id = Id()


class FriendRespondSerializer(serializers.Serializer):
    action = Choice(choices=list(ANSWERS))


class HundredQuery(PageQuery):
    limit = QueryInteger(min_value=1, max_value=100, default=100)


class FriendQuery(HundredQuery):
    status_filter = Choice(choices=["accepted", "pending", "all"], default="accepted")


class FriendshipSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    requester_id = serializers.UUIDField()
    addressee_id = serializers.UUIDField()
    status = serializers.ChoiceField(FriendshipStatus.values)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class FriendSerializer(serializers.Serializer):
    """`id` is the other person's."""

    id = serializers.UUIDField()
    display_name = serializers.CharField()
    avatar_url = serializers.CharField(allow_null=True)
    bio = serializers.CharField(allow_null=True)
    current_streak = serializers.IntegerField()
    points = serializers.IntegerField()
    active_challenges = serializers.IntegerField()
    friendship_id = serializers.UUIDField()
    friendship_status = serializers.ChoiceField(FriendshipStatus.values)
    became_friends_at = serializers.DateTimeField(allow_null=True)


class FriendListSerializer(serializers.Serializer):
    friends = FriendSerializer(many=True)
    total = serializers.IntegerField()


class FriendRequestSerializer(serializers.Serializer):
    """`id` is the friendship's. `user_id` and `requester_...` are the other person, whoever of the two asked."""

    id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    requester_id = serializers.UUIDField()
    requester_display_name = serializers.CharField()
    requester_avatar_url = serializers.CharField(allow_null=True)
    addressee_id = serializers.UUIDField()
    created_at = serializers.DateTimeField()
    status = serializers.ChoiceField(["pending"])


class FriendRequestListSerializer(serializers.Serializer):
    received = FriendRequestSerializer(many=True)
    sent = FriendRequestSerializer(many=True)
    received_count = serializers.IntegerField()
    sent_count = serializers.IntegerField()


def friend(row: dict[str, Any]) -> dict[str, Any]:
    """The streak is shown by the friend's own day. In `person` dates are text."""
    person = row["person"]
    last, floor = (person[name] and date.fromisoformat(person[name]) for name in ("last_checkin_date", "day_floor"))
    day = clock.today(person["timezone"], floor)
    return {
        "id": row["user_id"],
        "display_name": person["display_name"],
        "avatar_url": person["avatar_url"],
        "bio": person["bio"],
        "current_streak": clock.shown_streak(person["current_streak"], last, day),
        "points": person["points"],
        "active_challenges": row["active_challenges"],
        "friendship_id": row["id"],
        "friendship_status": row["status"],
        "became_friends_at": row["accepted_at"],
    }


def friend_request(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"requester_id": row["user_id"]}
