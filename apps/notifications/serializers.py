from rest_framework import serializers

from apps.core.fields import Ids, Text
from apps.core.pagination import CursorQuery
from apps.core.queries import QueryBoolean


class NotificationSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    type = serializers.CharField()
    title = serializers.CharField()
    body = serializers.CharField()
    data = serializers.DictField()
    action_url = serializers.CharField(allow_null=True)
    is_read = serializers.BooleanField()
    read_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)


class NotificationListSerializer(serializers.Serializer):
    """`total`, `page` and `pages` are null when the list is walked by cursor."""

    items = NotificationSerializer(many=True)
    total = serializers.IntegerField(allow_null=True)
    page = serializers.IntegerField(allow_null=True)
    limit = serializers.IntegerField()
    pages = serializers.IntegerField(allow_null=True)
    next_cursor = serializers.CharField(allow_null=True)


class UnreadCountSerializer(serializers.Serializer):
    count = serializers.IntegerField()


class NotificationQuery(CursorQuery):
    unread_only = QueryBoolean(default=False)


class MarkReadSerializer(serializers.Serializer):
    notification_ids = Ids(unique=False, max_length=100)


class PushTokenSerializer(serializers.Serializer):
    token = Text(name=True, max_length=255)
    device_type = Text(name=True, max_length=20, default="mobile")
