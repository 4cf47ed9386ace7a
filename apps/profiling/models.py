"""What requests and statements cost, in sums of five minutes. The recorder adds to them (storing.py), and drops them
after three days; the performance page reads them.

They live beside the data: one server, one way to migrate, no second address to configure. A row is found by its key, so
none of the tables has another index. They are unlogged (migration 0002): measurements load neither the write-ahead log
nor a replica, and a crash may take them.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.core.models import FixedChar, Key, StrictManager
from apps.profiling.querysets import RouteCostQuerySet, SlowStatementQuerySet, StatementCostQuerySet

FINGERPRINT_LENGTH = 16


class Statement(models.Model):
    """A statement without its values, by the fingerprint that logs name it with."""

    fingerprint = FixedChar(max_length=FINGERPRINT_LENGTH, primary_key=True)
    text = models.TextField()
    plannable = models.TextField()
    """With $1, $2, ... where values stand, for EXPLAIN; empty where there is nothing to explain."""
    seen_at = models.DateTimeField()

    objects = StrictManager()

    class Meta:
        db_table = "profiling_statements"

    def __str__(self) -> str:
        return self.fingerprint


def of_statement() -> models.ForeignKey:
    """Without a constraint: sums and texts are stored and dropped each in its own time."""
    column = {"db_column": "fingerprint", "db_constraint": False, "db_index": False}
    return models.ForeignKey(Statement, models.DO_NOTHING, related_name="+", **column)


class RouteCost(models.Model):
    pk = models.CompositePrimaryKey("slot", "method", "route")
    slot = models.DateTimeField()
    """When its five minutes begin."""
    method = models.CharField(max_length=8)
    route = models.CharField(max_length=200)
    requests = models.IntegerField()
    errors = models.IntegerField()
    """Answers of 500 and above."""
    over_budget = models.IntegerField()
    repeating = models.IntegerField()
    """Requests that made one statement again and again."""
    ms = models.FloatField()
    sql_ms = models.FloatField()
    cache_ms = models.FloatField()
    statements = models.BigIntegerField()
    most_statements = models.IntegerField()
    cache_hits = models.BigIntegerField()
    cache_misses = models.BigIntegerField()
    cache_trips = models.BigIntegerField()
    rows = models.BigIntegerField()
    """Read or written."""
    bytes = models.BigIntegerField()
    histogram = ArrayField(models.IntegerField())

    objects = StrictManager.from_queryset(RouteCostQuerySet)()

    class Meta:
        db_table = "profiling_route_costs"

    def __str__(self) -> str:
        return f"{self.method} {self.route}"


class StatementCost(models.Model):
    """Of a statement on a route; `-` is the route of what no request made."""

    pk = models.CompositePrimaryKey("slot", "statement", "method", "route")
    slot = models.DateTimeField()
    statement = of_statement()
    method = models.CharField(max_length=8)
    route = models.CharField(max_length=200)
    calls = models.BigIntegerField()
    requests = models.IntegerField()
    repeating = models.IntegerField()
    most_repeats = models.IntegerField()
    """Times that one request made it."""
    ms = models.FloatField()
    most_ms = models.FloatField()
    rows = models.BigIntegerField()

    objects = StrictManager.from_queryset(StatementCostQuerySet)()

    class Meta:
        db_table = "profiling_statement_costs"

    def __str__(self) -> str:
        return f"{self.statement_id} of {self.method} {self.route}"


class SlowStatement(models.Model):
    """One that took longer than SLOW_QUERY_MS, as its log line tells it: without values."""

    id = Key()
    at = models.DateTimeField()
    statement = of_statement()
    method = models.CharField(max_length=8)
    route = models.CharField(max_length=200)
    request_id = models.CharField(max_length=64)
    ms = models.FloatField()

    objects = StrictManager.from_queryset(SlowStatementQuerySet)()

    class Meta:
        db_table = "profiling_slow_statements"

    def __str__(self) -> str:
        return f"{self.ms:.0f} ms"
