"""The plan of every statement of every scenario, on data as large as life. Alone: bin/test -m plans."""

import pytest
from django.db import connection, transaction
from django.test import TestCase

from apps.profiling import plan_data, plans
from apps.profiling.plan_recording import explained
from apps.profiling.tests.scenarios import SCENARIOS
from apps.profiling.tests.scenarios.world import World

pytestmark = pytest.mark.plans


@pytest.fixture(scope="class")
def sizes(django_db_setup, django_db_blocker):
    """20,000 users, 300,000 check-ins; rows by table. Everything is rolled back after the class."""
    with django_db_blocker.unblock(), transaction.atomic():
        plan_data.fill()
        yield plans.table_sizes(connection)
        transaction.set_rollback(True)


class TestPlans:
    @pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
    def test_no_statement_reads_much_more_than_it_needs(self, scenario, sizes):
        with transaction.atomic():
            request = scenario.build(World(20))
            with explained(connection) as statements, TestCase.captureOnCommitCallbacks(execute=True):
                answer = request()
            transaction.set_rollback(True)
        assert answer.status_code == scenario.status, answer.content
        found = [
            f"{scenario}\n{statement.sql}\n{plans.tree(statement.plan)}\n" + "\n".join(problems)
            for statement in statements
            if (problems := plans.violations(statement.plan, sizes))
        ]
        assert not found, "\n\n".join(found)
