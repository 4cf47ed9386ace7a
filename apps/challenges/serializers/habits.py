from rest_framework import serializers

from apps.core.fields import Text
from apps.core.queries import SearchText


class HabitSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    icon = serializers.CharField(allow_null=True)
    description = serializers.CharField(allow_null=True)
    category = serializers.CharField(allow_null=True)
    is_system = serializers.BooleanField()


class HabitWriteSerializer(serializers.Serializer):
    name = Text(name=True, max_length=100)
    icon = Text(name=True, max_length=16, required=False)
    description = Text(lines=True, max_length=500, required=False)
    category = Text(name=True, max_length=50, required=False)


class HabitQuery(serializers.Serializer):
    category = SearchText(max_length=50, required=False)
