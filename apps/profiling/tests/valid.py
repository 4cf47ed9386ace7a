"""A request of each operation that succeeds, taken from its scenario, to be sent again with something wrong in it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest import mock

from django.test import Client
from rest_framework import serializers

from apps import testing
from apps.core import parsing
from apps.profiling.tests.scenarios import SCENARIOS, Scenario
from apps.profiling.tests.scenarios.world import World

OPERATIONS = {(one.method, one.route): one for one in reversed(SCENARIOS) if one.status < 300 and one.route[0] != "/"}
# What is wrong with files, which are no JSON, is in apps/media/tests.
WRITES = [one for one in OPERATIONS.values() if one.method != "GET" and not one.route.startswith("media")]
READS = [one for one in OPERATIONS.values() if one.method == "GET"]


class Valid(NamedTuple):
    api: testing.Api
    method: str
    path: str
    body: dict[str, Any]

    def send(self, body: Any = None, *, path: str = "", **fields: Any):
        """The request with another body, or with other fields in it. Text may hold what no UTF-8 can."""
        data = json.dumps(self.body | fields if body is None else body).encode()
        return self.api.raw(self.method, path or self.path, data)


def valid(scenario: Scenario) -> Valid:
    """What the scenario would send."""
    sent = []

    def get(client, path, query=None, headers=None, **more):
        sent.append(Valid(bearing(headers), "GET", path, query or {}))

    def generic(client, method, path, data=b"", headers=None, **more):
        sent.append(Valid(bearing(headers), method, path, json.loads(data or b"{}")))

    request = scenario.build(World(2))
    with mock.patch.multiple(Client, get=get, generic=generic):
        request()
    return sent[-1]


def bearing(headers: dict[str, str] | None) -> testing.Api:
    api = testing.Api()
    api.headers = headers or {}
    return api


class Shapes(NamedTuple):
    body: list[type[serializers.Serializer]]
    query: list[type[serializers.Serializer]]


@contextmanager
def shapes() -> Iterator[Shapes]:
    """The serializers that bodies and queries are held against in the block."""
    seen = Shapes([], [])

    def noting(kind: list, hold):
        return lambda what, shape, **options: (kind.append(shape), hold(what, shape, **options))[1]

    with mock.patch.object(parsing, "values", noting(seen.body, parsing.values)):
        with mock.patch.object(parsing, "query", noting(seen.query, parsing.query)):
            yield seen
