"""What the performance page and its commands read."""

from datetime import datetime

from django.db import models
from django.db.models import Case, F, Max, Sum, Value, When

MOST_STATEMENTS, MOST_SLOW = 300, 30


class RouteCostQuerySet(models.QuerySet):
    def since(self, moment: datetime) -> "RouteCostQuerySet":
        return self.filter(slot__gte=moment)

    def for_report(self, moment: datetime) -> "RouteCostQuerySet":
        return self.since(moment).order_by("slot")


class StatementCostQuerySet(models.QuerySet):
    def for_report(self, moment: datetime, repeats: int) -> "StatementCostQuerySet":
        """By statement and route: those that a request made `repeats` times, then those that took the most time."""
        found = self.filter(slot__gte=moment).values(
            "method", "route", fingerprint=F("statement_id"), text=F("statement__text"),
            plannable=F("statement__plannable"),
        )  # fmt: skip
        sums = {name: Sum(name) for name in ("calls", "requests", "repeating", "ms", "rows")}
        maxima = {name: Max(name) for name in ("most_repeats", "most_ms")}
        found = found.annotate(**sums, **maxima)
        repeated = Case(When(most_repeats__gte=repeats, then=Value(0)), default=Value(1))
        return found.order_by(repeated, "-ms")[:MOST_STATEMENTS]


class SlowStatementQuerySet(models.QuerySet):
    def for_report(self, moment: datetime) -> "SlowStatementQuerySet":
        """Keys are ordered by time."""
        columns = ("at", "method", "route", "request_id", "ms")
        names = {name: F(f"statement__{name}") for name in ("fingerprint", "text", "plannable")}
        return self.filter(at__gte=moment).order_by("-id").values(*columns, **names)[:MOST_SLOW]
