from rest_framework import serializers

from apps.core.fields import Choice
from apps.core.queries import SearchText
from apps.media.kinds import KINDS


class UploadQuery(serializers.Serializer):
    type = Choice(list(KINDS))


class UploadBody(serializers.Serializer):
    """The declared type of the part counts, its file name does not."""

    file = serializers.FileField()


class UploadSerializer(serializers.Serializer):
    success = serializers.BooleanField()
    url = serializers.CharField()
    filename = serializers.CharField()
    size = serializers.IntegerField()
    type = serializers.ChoiceField(list(KINDS))
    bucket = serializers.CharField()


class UploadRefusedSerializer(serializers.Serializer):
    """The sizes stand beside `file_too_large`, the types beside `invalid_file_type`."""

    detail = serializers.CharField()
    code = serializers.CharField()
    max_size_mb = serializers.IntegerField(required=False)
    actual_size_mb = serializers.FloatField(required=False)
    allowed_types = serializers.ListField(child=serializers.CharField(), required=False)
    received = serializers.CharField(required=False)


class DeleteQuery(serializers.Serializer):
    """Any text: what is no address of ours is told so by a code of its own."""

    url = SearchText(max_length=2048)


class DeletedSerializer(serializers.Serializer):
    success = serializers.BooleanField()
    message = serializers.CharField()
    bucket = serializers.CharField()
    path = serializers.CharField()
