"""Shapes of hitches."""

from typing import Any

from rest_framework import serializers

from apps.core.fields import Id, Ids
from apps.core.schema import ErrorSerializer
from apps.social.services.hitches import Sent


class HitchWriteSerializer(serializers.Serializer):
    challenge_id = Id()
    habit_id = Id()
    target_user_ids = Ids(unique=False, max_length=10)


class HitchSentSerializer(serializers.Serializer):
    """`hitches_sent` counts the people who were reminded; together they cost one hitch."""

    success = serializers.BooleanField()
    hitches_sent = serializers.IntegerField()
    remaining_hitches = serializers.IntegerField()
    message = serializers.CharField()


class HitchRefusedSerializer(ErrorSerializer):
    """`remaining_hitches` is told to members of the challenge."""

    remaining_hitches = serializers.IntegerField(required=False)

    class Meta:
        ref_name = "HitchRefused"


def sent(found: Sent) -> dict[str, Any]:
    reminders, hitches = counted(found.reminded, "reminder"), counted(found.remaining, "hitch", "hitches")
    return {
        "success": True,
        "hitches_sent": found.reminded,
        "remaining_hitches": found.remaining,
        "message": f"Sent {reminders}. {hitches} remaining.",
    }


def counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
