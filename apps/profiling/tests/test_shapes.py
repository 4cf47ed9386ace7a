"""What every route sends is what its serializer declares: no key missing, none undeclared, each of its type."""

import pytest
from django.test import TestCase

from apps.core.tests import openapi
from apps.profiling.tests.scenarios import SCENARIOS, Scenario
from apps.profiling.tests.scenarios.world import World

pytestmark = pytest.mark.django_db


def schema_of(scenario: Scenario) -> dict | None:
    path = scenario.route if scenario.route.startswith("/") else f"/api/v1/{scenario.route}"
    return openapi.answer_schema(scenario.method, path, scenario.status)


DOCUMENTED = [scenario for scenario in SCENARIOS if schema_of(scenario)]


class TestShapes:
    @pytest.mark.parametrize("scenario", DOCUMENTED, ids=str)
    def test_it_sends_what_it_declares(self, scenario):
        request = scenario.build(World(3))
        with TestCase.captureOnCommitCallbacks(execute=True):
            answer = request()
        assert answer.status_code == scenario.status, answer.content
        assert openapi.violation(answer.json(), schema_of(scenario), exact=True) is None

    def test_it_covers_the_api(self):
        assert len({scenario[:2] for scenario in DOCUMENTED}) >= 35

    def test_it_sees_a_missing_and_an_undeclared_key(self):
        schema = openapi.answer_schema("GET", "/health/live", 200)
        assert openapi.violation({"status": "ok"}, schema, exact=True) is None
        assert "required" in openapi.violation({}, schema, exact=True)
        assert "dditional" in openapi.violation({"status": "ok", "more": 1}, schema, exact=True)
