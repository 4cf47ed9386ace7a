"""The base of every view: checks in the contract's order, JSON in and out."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.views import APIView

from apps.core import cache, parsing, throttles
from apps.core.answers import Empty
from apps.core.cache import Snapshot
from apps.core.cache_values import Key
from apps.core.compiled import Call
from apps.core.errors import ApiError, Problem, method_not_allowed, not_found
from apps.core.fields import parse_uuid
from apps.core.throttles import Allowance, Scope


class ApiView(APIView):
    """Acceptable, authenticated, method allowed; then the handler reads body, query and path ids, in that order."""

    is_second_try = False
    snapshot: Snapshot | None = None
    calls: tuple[Call, ...] = ()
    """What `ahead` said, unless the cache has the answer."""
    _query: tuple[type[serializers.Serializer], dict[str, Any]] | None = None
    throttled: Mapping[str, Scope] = throttles.NOTHING
    """By method: a limit beside the one for all calls."""
    allowance: Allowance | None = None
    http_method_names = ["get", "post", "put", "patch", "delete", "head", "options"]

    def body(self, shape: type[serializers.Serializer], *, partial: bool = False) -> dict[str, Any]:
        return parsing.body(self.request._request, shape, partial=partial)

    def query(self, shape: type[serializers.Serializer]) -> dict[str, Any]:
        """The values of the query by a shape; `keys`, `ahead` and the handler ask for the same ones."""
        if self._query is None or self._query[0] is not shape:
            self._query = shape, parsing.query(self.request._request, shape)
        return self._query[1]

    def keys(self, user_id: UUID) -> tuple[Key, ...]:
        """What a GET by this user will want from the cache; it comes in the round trip of the authentication."""
        return ()

    def ahead(self, user_id: UUID) -> tuple[Call, ...]:
        """What a GET by this user will want from the database, which depends on nothing else: it comes in the round
        trip of the principal, or is not used when the principal is refused. Asked only if the cache lacks an answer."""
        return ()

    def look(self, principal: Key, user_id: UUID) -> Snapshot:
        """Asks the cache, once per request: for the principal, and for what the handler wants. Only reads fill it."""
        is_read = self.request.method in ("GET", "HEAD")
        wanted = self._wanted(self.keys, user_id) if is_read else ()
        self.snapshot = cache.look(principal, *wanted, stores=is_read)
        if is_read and not (wanted and all(self.snapshot.values[key] for key in wanted)):
            self.calls = self._wanted(self.ahead, user_id)
        return self.snapshot

    def seen(self, token: str) -> bytes | None:
        """A token of the principal as the authentication found it, for cache.renew."""
        return self.snapshot.tokens.get(token) if self.snapshot.is_usable else None

    def count_call(self, user_id: UUID | None = None) -> None:
        """Raises `throttled`. Once per request: the second try of a read is the same call."""
        request = self.request._request
        if throttles.is_counted(request) and not self.is_second_try:
            self.allowance = throttles.count(request, user_id, self.throttled.get(request.method))

    def finalize_response(self, request, response, *args, **kwargs) -> HttpResponse:
        if self.snapshot:
            self.snapshot.save()
        if self.allowance:
            for name, value in self.allowance.headers().items():
                response.headers[name] = value
        return super().finalize_response(request, response, *args, **kwargs)

    def _wanted[T](self, by: Callable[[UUID], tuple[T, ...]], user_id: UUID) -> tuple[T, ...]:
        try:
            return by(user_id)
        except ApiError:  # a query that the handler is going to refuse, in its turn
            return ()

    def path_id(self, name: str, missing: Problem) -> UUID:
        """The id in the path; one that is not a UUID names nothing, so it is `missing` without SQL."""
        return parse_uuid(self.kwargs[name]) or _raise(missing())

    def handle_exception(self, exc: Exception) -> HttpResponse:
        """A read whose database connection was lost is made once more, over another."""
        if self.request.method not in ("GET", "HEAD") or self.is_second_try or not lost_connection(exc):
            return super().handle_exception(exc)
        self.is_second_try = True
        connection.close()
        return self.dispatch(self.request._request, *self.args, **self.kwargs)

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

    def check_throttles(self, request):
        self.count_call()


class NotFoundView(OpenView):
    """Every path that nothing else answers: 404 whatever the method, with or without a token."""

    schema = None

    def initial(self, request, *args, **kwargs):
        raise not_found()


def lost_connection(error: Exception) -> bool:
    """Has the server gone while it was asked? A connection that could not be had at all is not meant."""
    lost = connection.connection
    return isinstance(error, OperationalError | InterfaceError) and lost is not None and lost.closed


def _raise(error: ApiError):
    raise error
