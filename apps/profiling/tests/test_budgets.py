"""Every route costs what its budget allows, and the same statements with two rows of everything as with twenty."""

import re
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

import pytest
from django.db import connection, transaction
from django.test import TestCase

from apps.accounts.models import User
from apps.core import clock, urls
from apps.core.tests.routes import Route, api_routes
from apps.profiling import budgets
from apps.profiling.tests.counting import counting, fingerprint
from apps.profiling.tests.scenarios import SCENARIOS, Scenario
from apps.profiling.tests.scenarios.world import World

pytestmark = pytest.mark.django_db

FEW, MANY, LIMIT = 2, 20, 2
READS = [scenario for scenario in SCENARIOS if scenario.method == "GET"]
WRITES = [scenario for scenario in SCENARIOS if scenario.method != "GET"]


class Cost(NamedTuple):
    statements: list[str]
    redis: int
    answer: Any
    page: Any
    """The answer with `limit`, of routes that take it."""


@pytest.fixture(autouse=True)
def noon():
    """No midnight between the world and the request."""
    with clock.standing_at(datetime(2026, 3, 2, 12, tzinfo=UTC)):
        yield


def check(scenario) -> None:
    few, many = cost(scenario, FEW), cost(scenario, MANY)
    assert few.statements == many.statements, f"{scenario}\n{difference(few.statements, many.statements)}"
    budget, number = scenario.budget.cold, len(many.statements)
    assert number <= budget, f"{scenario}: {number} statements, {budget} allowed\n{numbered(many.statements)}"
    # Nothing is cached yet; only the health checks ask whether the cache server is there.
    assert many.redis <= 1 if scenario.route.startswith("/health") else many.redis == 0
    if scenario.is_page:
        check_page(few, many)


def check_page(few: Cost, many: Cost) -> None:
    assert rows_of(many.answer) >= MANY - 1 > rows_of(many.page), "the world has nothing more to show"
    assert (rows_of(few.page), rows_of(many.page)) == (LIMIT, LIMIT)
    # A cursor and longer numbers are the only difference.
    assert len(many.page.content) <= len(few.page.content) + 250


def cost(scenario, size: int) -> Cost:
    """What the request costs in a world of this size. The world is gone afterwards."""
    with transaction.atomic():
        world = World(size)
        request = scenario.build(world)
        with counting() as counted, TestCase.captureOnCommitCallbacks(execute=True):
            answer = request()
        page = scenario.build(world, limit=LIMIT)() if scenario.is_page else None
        transaction.set_rollback(True)
    assert answer.status_code == scenario.status, answer.content
    return Cost(counted.fingerprints, counted.redis, answer, page)


def rows_of(response) -> int:
    answer = response.json()
    return len(answer if isinstance(answer, list) else next(part for part in answer.values() if isinstance(part, list)))


def difference(few: list[str], many: list[str]) -> str:
    more, fewer = Counter(many) - Counter(few), Counter(few) - Counter(many)
    if not more and not fewer:
        return f"The same statements in another order.\n{numbered(few)}\n\n{numbered(many)}"
    return f"Only with {MANY}:\n{numbered(more.elements())}\nOnly with {FEW}:\n{numbered(fewer.elements())}"


def numbered(statements) -> str:
    return "\n".join(f"{number:3}. {sql}" for number, sql in enumerate(statements, 1))


def all_routes() -> set[tuple[str, str]]:
    """Method and path as budgets write them: of the API below /api/v1, of the service with a leading slash."""
    api = {(method, route.pattern.removeprefix("api/v1/")) for route in api_routes() for method in route.methods}
    service = [Route("/" + str(path.pattern), path.callback.view_class) for path in urls.urlpatterns]
    found = api | {(method, route.pattern) for route in service for method in route.methods}
    return {(method.upper(), re.sub(r"<\w+:", "<", pattern)) for method, pattern in found}


class TestEveryRoute:
    def test_it_has_a_scenario(self):
        assert sorted(all_routes() - {scenario[:2] for scenario in SCENARIOS}) == []

    def test_it_has_a_budget(self):
        assert sorted(all_routes() - set(budgets.ROUTES)) == []

    def test_there_is_nothing_for_a_route_that_does_not_exist(self):
        assert sorted({scenario[:2] for scenario in SCENARIOS} - all_routes()) == []
        assert sorted(set(budgets.ROUTES) - all_routes()) == []

    def test_each_variant_with_a_budget_has_a_scenario(self):
        assert sorted(set(budgets.VARIANTS) - {scenario[:3] for scenario in SCENARIOS}) == []


@pytest.mark.parametrize("scenario", READS, ids=str)
class TestReads:
    def test_its_cost_is_within_the_budget_and_does_not_depend_on_the_amount(self, scenario):
        check(scenario)


@pytest.mark.parametrize("scenario", WRITES, ids=str)
class TestWrites:
    def test_its_cost_is_within_the_budget_and_does_not_depend_on_the_amount(self, scenario):
        check(scenario)


class TestCheck:
    def test_it_prints_the_statements_that_are_too_many(self):
        def prepare(world):
            def request():
                for user in world.crowd:
                    User.objects.filter(pk=user.pk).exists()
                return world.api.get("/users/me")

            return request

        with pytest.raises(AssertionError, match=r'(?s)Only with 20:\n +1\. SELECT .* FROM "users".*\n +18\. SELECT'):
            check(Scenario("GET", "users/me", "", 200, prepare, is_page=False))

    def test_it_names_what_is_above_the_budget(self):
        scenario = Scenario("GET", "/", "", 200, lambda world: partial(world.api.get, "/users/me"), is_page=False)
        with pytest.raises(AssertionError, match=r"GET / <lambda>: 2 statements, 0 allowed\n +1\. SELECT"):
            check(scenario)


class TestCounting:
    def test_it_sees_cursors_batches_and_raw_sql_but_no_transaction_control(self):
        with counting() as counted, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.executemany("SELECT %s", [(1,), (2,), (3,)])
        assert counted.statements == ["SELECT 1"] + ["SELECT %s"] * 3

    def test_a_fingerprint_knows_neither_values_nor_lengths(self):
        one = fingerprint("SELECT a1 FROM t WHERE x IN (%s) AND y = 'it''s' LIMIT 20")
        two = fingerprint("SELECT a1  FROM t WHERE x IN (%s, %s) AND y = '' LIMIT 21")
        assert one == two == "SELECT a1 FROM t WHERE x IN (?) AND y = ? LIMIT ?"
        assert fingerprint("INSERT INTO t VALUES (%s, %s), (%s, %s)") == fingerprint("INSERT INTO t VALUES (%s, %s)")
        assert fingerprint("SELECT a") != fingerprint("SELECT b")
