from rest_framework import serializers


class WelcomeSerializer(serializers.Serializer):
    message = serializers.CharField()
    version = serializers.CharField()
    docs = serializers.CharField()
    redoc = serializers.CharField()
    health = serializers.CharField()
    api = serializers.CharField()


class ApiIndexSerializer(serializers.Serializer):
    version = serializers.CharField()
    endpoints = serializers.DictField(child=serializers.CharField())
    docs = serializers.CharField()
    health = serializers.CharField()


class HealthSerializer(serializers.Serializer):
    status = serializers.ChoiceField(["ok", "degraded"])
    version = serializers.CharField()
    environment = serializers.CharField()
    app_name = serializers.CharField()
    database = serializers.ChoiceField(["ok", "error"])
    cache = serializers.ChoiceField(["ok", "error", "disabled"])
    timestamp = serializers.DateTimeField()


class LiveSerializer(serializers.Serializer):
    status = serializers.ChoiceField(["ok"])


class DependencySerializer(serializers.Serializer):
    status = serializers.ChoiceField(["ok", "error"])
    latency_ms = serializers.FloatField(allow_null=True)


class DependenciesSerializer(serializers.Serializer):
    database = DependencySerializer()
    cache = DependencySerializer()


class ReadySerializer(serializers.Serializer):
    status = serializers.ChoiceField(["ok", "degraded"])
    dependencies = DependenciesSerializer()
