"""What the recorder has stored, and rows as it would have stored them."""

from datetime import timedelta

from apps.core import clock
from apps.profiling import fingerprints, storing, sums
from apps.profiling.models import RouteCost, SlowStatement, Statement, StatementCost

BY_KEY = 'SELECT "users"."id" AS "id" FROM "users" WHERE "users"."id" = %s'
HABITS = "/api/v1/habits"
MODELS = (RouteCost, StatementCost, SlowStatement, Statement)


def empty():
    """Over a connection of its own, like the recorder: what it has committed outlives a test's transaction."""
    with storing.connect() as other:
        for model in MODELS:
            other.execute(f"DELETE FROM {model._meta.db_table}")  # noqa: S608


def stored(listening) -> dict[str, RouteCost]:
    listening.add_up()
    listening.store()
    return {f"{cost.method} {cost.route}": cost for cost in RouteCost.objects.all()}


def know(sql: str) -> str:
    """Its fingerprint; the recorder has stored its text."""
    known = fingerprints.look_at(sql)
    columns = {"text": known.text, "plannable": known.plannable, "seen_at": clock.now()}
    Statement.objects.update_or_create(fingerprint=known.fingerprint, defaults=columns)
    return known.fingerprint


def make_route(route: str = HABITS, minutes: int = 0, **columns) -> RouteCost:
    moment = sums.slot_of(clock.now() - timedelta(minutes=minutes))
    total = sums.RouteSum(requests=4, ms=100, sql_ms=40, cache_ms=10, statements=8, most_statements=2, bytes=4096)
    total.histogram[25] = 4
    numbers = {name: getattr(total, name) for name in total.__slots__}
    return RouteCost.objects.create(slot=moment, method="GET", route=route, **numbers | columns)


def make_statement(sql: str = BY_KEY, route: str = HABITS, **columns) -> StatementCost:
    numbers = {"calls": 10, "requests": 2, "repeating": 0, "most_repeats": 1, "ms": 30.0, "most_ms": 9.0, "rows": 10}
    place = {"slot": sums.slot_of(clock.now()), "statement_id": know(sql), "method": "GET", "route": route}
    return StatementCost.objects.create(**place, **numbers | columns)


def make_slow(sql: str = "SELECT pg_sleep(%s)") -> SlowStatement:
    place = {"statement_id": know(sql), "method": "GET", "route": HABITS, "request_id": "slow-1"}
    return SlowStatement.objects.create(at=clock.now(), ms=777, **place)
