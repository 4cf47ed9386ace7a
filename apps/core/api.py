"""The base of every view: checks in the contract's order, JSON in and out."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.views import APIView

from apps.core import parsing
from apps.core.answers import Empty
from apps.core.errors import ApiError, Problem, method_not_allowed, not_found
from apps.core.fields import parse_uuid


class ApiView(APIView):
    """Acceptable, authenticated, method allowed; then the handler reads body, query and path ids, in that order."""

    http_method_names = ["get", "post", "put", "patch", "delete", "head", "options"]

    def body(self, shape: type[serializers.Serializer], *, partial: bool = False) -> dict[str, Any]:
        return parsing.body(self.request._request, shape, partial=partial)

    def query(self, shape: type[serializers.Serializer]) -> dict[str, Any]:
        return parsing.query(self.request._request, shape)

    def path_id(self, name: str, missing: Problem) -> UUID:
        """The id in the path; one that is not a UUID names nothing, so it is `missing` without SQL."""
        return parse_uuid(self.kwargs[name]) or _raise(missing())

    def options(self, request, *args, **kwargs) -> HttpResponse:
        response = Empty()
        response["Allow"] = ", ".join(self.allowed_methods)
        return response

    def http_method_not_allowed(self, request, *args, **kwargs):
        raise method_not_allowed(method=request.method, headers={"Allow": ", ".join(self.allowed_methods)})

    @property
    def allowed_methods(self) -> list[str]:
        methods = [name.upper() for name in self.http_method_names if hasattr(self, name)]
        return methods

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {}


class OpenView(ApiView):
    """Needs no token and ignores one, so that a stale token never blocks a login."""

    authentication_classes = []


class NotFoundView(OpenView):
    """Every path that nothing else answers: 404 whatever the method, with or without a token."""

    schema = None

    def initial(self, request, *args, **kwargs):
        raise not_found()


def _raise(error: ApiError):
    raise error
