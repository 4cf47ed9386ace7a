"""manage.py route_report and slow_queries: the recorder's sums on a terminal and as JSON."""

import json
import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.profiling.tests.recorded import HABITS, make_route, make_slow, make_statement

pytestmark = pytest.mark.django_db


def printed(command: str, **options) -> str:
    out = StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


class TestCommands:
    def test_route_report_works(self):
        make_route()
        assert re.search(r"GET /api/v1/habits +│ +100.0% │ +4 │ +25.0", printed("route_report"))

    def test_it_has_the_same_as_json(self):
        make_route()
        (route,) = json.loads(printed("route_report", json=True))
        assert (route["route"], route["requests"], route["budget"], route["mean_ms"]) == (HABITS, 4, 2, 25)

    def test_it_says_that_there_is_nothing(self):
        assert "Nothing was recorded in the last 1 h." in printed("route_report")

    def test_it_fails_over_budget_when_asked_to(self):
        make_route(over_budget=1)
        assert printed("route_report")
        with pytest.raises(CommandError, match="Over budget: GET /api/v1/habits."):
            printed("route_report", check=True)

    def test_slow_queries_works(self):
        make_statement(most_repeats=20, repeating=2)
        make_slow()
        text = printed("slow_queries")
        assert "N+1 suspects: 1" in text and "20 times in one request, in 2 requests" in text
        assert "Statements over 500 ms: 1" in text and "slow-1" in text

    def test_it_has_the_same_as_json_and_fails_when_asked_to(self):
        cost = make_statement(most_repeats=20)
        found = json.loads(printed("slow_queries", json=True))
        assert [row["fingerprint"] for row in found["repeated"]] == [cost.statement_id]
        with pytest.raises(CommandError, match=cost.statement_id):
            printed("slow_queries", check=True)
