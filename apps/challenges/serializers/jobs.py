from rest_framework import serializers


class AutoCompleteCountsSerializer(serializers.Serializer):
    completed = serializers.IntegerField()
    failed = serializers.IntegerField()
    activated = serializers.IntegerField()
    duration_ms = serializers.IntegerField()


class AutoCompletedSerializer(serializers.Serializer):
    success = serializers.BooleanField()
    message = serializers.CharField()
    data = AutoCompleteCountsSerializer()
