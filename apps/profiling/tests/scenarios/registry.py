"""Which function makes the request of which route."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from apps.profiling.budgets import Budget, budget_of
from apps.profiling.tests.scenarios.world import World

Request = Callable[[], Any]


class Scenario(NamedTuple):
    method: str
    route: str
    variant: str
    status: int
    prepare: Callable[..., Request]
    is_page: bool = False
    """It takes `limit`, and answers that many rows."""
    rows: int = 0
    """Fetched beyond one for each statement and for each object of the answer, in a world of twenty."""
    whole: tuple[str, ...] = ()
    """Tables of which it may read every column: it shows them, or Django does not know how to read less."""
    buffers: Mapping[str, int] = MappingProxyType({})
    """By world of extremes.py, what each of its statements may touch there: more than others, for a stated reason."""

    @property
    def budget(self) -> Budget:
        return budget_of(self.method, self.route, self.variant)

    def build(self, world: World, **query: Any) -> Request:
        """Prepares the world. What this returns makes the request, once."""
        return self.prepare(world, **query)

    def __str__(self) -> str:
        return f"{self.method} {self.route} {self.prepare.__name__}"


SCENARIOS: list[Scenario] = []


def scenario(method: str, route: str, variant: str = "", *, status: int = 200, **limits: Any):
    """Registers a function of the world that prepares a request and returns it, to be made by calling it."""

    def register(prepare: Callable[..., Request]) -> Callable[..., Request]:
        SCENARIOS.append(Scenario(method, route, variant, status, prepare, **limits))
        return prepare

    return register
