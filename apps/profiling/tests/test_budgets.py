"""Every route costs what its budget allows, and the same statements with two rows of everything as with twenty."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from django.urls import path

from apps import testing
from apps.accounts.authentication import load_principal
from apps.accounts.cache import principal
from apps.accounts.models import User
from apps.core import cache, clock, urls
from apps.core.tests.routes import Route, api_routes
from apps.media.views import StoredFileView
from apps.profiling import budgets
from apps.profiling.tests.conftest import MEASURED
from apps.profiling.tests.counting import Counted, counting, read_whole
from apps.profiling.tests.scenarios import SCENARIOS, Scenario
from apps.profiling.tests.scenarios.world import World

pytestmark = pytest.mark.django_db

FEW, MANY, LIMIT = 2, 20, 2
STAFF_PAGES = ("/admin/", "/admin/<app>/<model>/", "/admin/<app>/<model>/<object_id>/change/", "/admin/autocomplete/")
READS = [scenario for scenario in SCENARIOS if scenario.method == "GET"]
WRITES = [scenario for scenario in SCENARIOS if scenario.method != "GET"]


class Cost(NamedTuple):
    cold: Counted
    """With an empty cache."""
    warm: Counted
    """A read made again; a write by somebody whose principal is known."""
    answer: Any
    page: Any
    """The answer with `limit`, of routes that take it, and the rows that were fetched for it."""
    rows_of_page: int


@pytest.fixture(autouse=True)
def noon():
    """No midnight between the world and the request, and connections that have said hello."""
    cache.server.ask(("PING",))
    cache.ping()
    with clock.standing_at(testing.NOON):
        yield


def check(scenario) -> tuple[Cost, Cost]:
    few, many = cost(scenario, FEW), cost(scenario, MANY)
    check_statements(scenario, "cold", scenario.budget.cold, few.cold.fingerprints, many.cold.fingerprints)
    check_statements(scenario, "warm", scenario.budget.warm, few.warm.fingerprints, many.warm.fingerprints)
    assert (few.cold.redis, few.warm.redis) == (many.cold.redis, many.warm.redis), "round trips depend on the amount"
    # One look for principal and content; a write also expires, in one go.
    assert many.warm.redis <= (1 if scenario.method == "GET" else 2), f"{scenario}: {many.warm.redis} Redis round trips"
    check_rows(scenario, many)
    if scenario.is_page:
        check_page(few, many)
    return few, many


def check_statements(scenario, state: str, allowed: int, few: list[str], many: list[str]) -> None:
    assert few == many, f"{scenario}, {state}\n{difference(few, many)}"
    assert len(many) <= allowed, f"{scenario}, {state}: {len(many)} statements, {allowed} allowed\n{numbered(many)}"


def check_rows(scenario, many: Cost) -> None:
    """What is fetched is sent, but for a row of each statement and for what the scenario gives a reason for."""
    statements, rows = many.cold.statements, many.cold.rows
    allowed = len(statements) + objects_of(many.answer) + scenario.rows
    assert rows <= allowed, f"{scenario}: {rows} rows, {allowed} allowed\n{numbered(many.cold.fingerprints)}"
    whole = [table for sql in statements for table in read_whole(sql) if table not in scenario.whole]
    assert not whole, f"{scenario}: every column of {whole} is read: name those that are needed with only()"


def check_page(few: Cost, many: Cost) -> None:
    assert rows_of(many.answer) >= MANY - 1 > rows_of(many.page), "the world has nothing more to show"
    assert (rows_of(few.page), rows_of(many.page)) == (LIMIT, LIMIT)
    assert few.rows_of_page == many.rows_of_page, "the rows that are fetched for a page depend on what is behind it"
    # A cursor and longer numbers are the only difference.
    assert len(many.page.content) <= len(few.page.content) + 250


def cost(scenario, size: int) -> Cost:
    """What the request costs in a world of this size. The world is gone afterwards."""
    with world_of(size) as world:
        request = scenario.build(world)
        if scenario.route.startswith("/admin/"):  # lists ask the planner first
            testing.analyze()
        cold, answer = counted(request)
        if scenario.method == "GET":
            warm, _ = counted(request, forgetting=False)
        with counting() as counted_for_page:
            page = scenario.build(world, limit=LIMIT)() if scenario.is_page else None
    if scenario.method != "GET":
        with world_of(size) as world:
            request = scenario.build(world)
            testing.forget()
            know_everybody()
            warm, _ = counted(request, forgetting=False)
    assert answer.status_code == scenario.status, answer.content
    return Cost(cold, warm, answer, page, counted_for_page.rows)


@contextmanager
def world_of(size: int) -> Iterator[World]:
    """Gone afterwards. For the cache its transaction is the test's own, which everything happens in."""
    world = transaction.atomic()
    world._from_testcase = True
    with world:
        yield World(size)
        transaction.set_rollback(True)


def know_everybody() -> None:
    """Takes the principals of all users into the cache."""
    for user_id in User.objects.active().values_list("pk", flat=True):
        cache.look(key := principal(user_id)).get(key, lambda user_id=user_id: load_principal(user_id))


def counted(request: Callable[[], Any], *, forgetting: bool = True) -> tuple[Counted, Any]:
    testing.expire_what_was_written()
    if forgetting:
        testing.forget()
    with counting() as found:
        answer = request()
    return found, answer


def rows_of(response) -> int:
    answer = response.json()
    return len(answer if isinstance(answer, list) else next(part for part in answer.values() if isinstance(part, list)))


def objects_of(response) -> int:
    """All JSON objects of the answer, whatever they are part of."""
    is_json = response.headers.get("Content-Type", "").startswith("application/json")
    return objects_in(response.json()) if is_json else 0


def objects_in(answer: Any) -> int:
    inner = answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list) else ()
    return isinstance(answer, dict) + sum(map(objects_in, inner))


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
    outside = [*urls.urlpatterns, path("media/<bucket>/<user_id>/<file>", StoredFileView.as_view())]
    service = [Route("/" + str(route.pattern), route.callback.view_class) for route in outside]
    found = api | {(method, route.pattern) for route in service for method in route.methods}
    found |= {("get", page) for page in STAFF_PAGES}
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


@pytest.fixture
def report(record_property):
    """Takes a scenario and its costs to the table at the end of the run, see conftest.py."""

    def report(scenario, few: Cost, many: Cost) -> None:
        statements = [len(cost.statements) for cost in (few.cold, many.cold, few.warm, many.warm)]
        trips = (many.cold.redis, many.warm.redis)
        record_property(MEASURED, [str(scenario), *statements, *scenario.budget, *trips, few.cold.rows, many.cold.rows])

    return report


@pytest.mark.parametrize("scenario", READS, ids=str)
class TestReads:
    def test_its_cost_is_within_the_budget_and_does_not_depend_on_the_amount(self, scenario, report):
        report(scenario, *check(scenario))


@pytest.mark.parametrize("scenario", WRITES, ids=str)
class TestWrites:
    def test_its_cost_is_within_the_budget_and_does_not_depend_on_the_amount(self, scenario, report):
        report(scenario, *check(scenario))


class TestCheck:
    def test_it_prints_the_statements_that_are_too_many(self):
        def prepare(world):
            def request():
                for user in world.crowd:
                    User.objects.filter(pk=user.pk).exists()
                return world.api.get("/users/me")

            return request

        with pytest.raises(AssertionError, match=r'(?s)Only with 20:\n +1\. SELECT .* FROM "users".*\n +18\. SELECT'):
            check(Scenario("GET", "users/me", "", 200, prepare))

    def test_it_names_what_is_above_the_budget(self):
        scenario = Scenario("GET", "/", "", 200, lambda world: partial(world.api.get, "/users/me"))
        with pytest.raises(AssertionError, match=r"GET / <lambda>, cold: 2 statements, 0 allowed\n +1\. SELECT"):
            check(scenario)

    def test_it_names_what_is_fetched_and_not_sent(self):
        def prepare(world):
            def request():
                list(User.objects.values_list("pk"))
                return world.api.get("/users/me")

            return request

        with pytest.raises(AssertionError, match=r"GET users/search prepare: \d\d+ rows, 5 allowed\n +1\. SELECT"):
            check(Scenario("GET", "users/search", "", 200, prepare))

    def test_it_names_the_table_that_is_read_whole(self):
        def prepare(world):
            def request():
                User.objects.get(pk=world.me.pk)
                return world.api.get("/users/me")

            return request

        with pytest.raises(AssertionError, match=r"every column of \['users'\] is read"):
            check(Scenario("GET", "users/search", "", 200, prepare))
