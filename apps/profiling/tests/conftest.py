"""A recorder that listens, somebody of the staff who looks, and the table of what each scenario costs."""

import pytest

from apps.profiling.recorder import Recorder
from apps.profiling.tests.recorded import empty

MEASURED = "measured"
LINE = "{:<66}" + " {:>4}" * 10


@pytest.fixture
def listening(db):
    """A recorder that notes what is asked, and stores when it is told to."""
    empty()
    found = Recorder()
    found._start_thread = lambda: None
    found.start()
    yield found
    found.stop()
    empty()


def pytest_terminal_summary(terminalreporter):
    """bin/test apps/profiling/tests/test_budgets.py ends with the table.

    Without that path xdist does not load this file where the report is written: a run of everything stays short.
    """
    reports = terminalreporter.stats.get("passed", [])
    measured = [value for report in reports for name, value in report.user_properties if name == MEASURED]
    if measured:
        terminalreporter.section("s statements, r Redis round trips, rows; c cold, w warm; 2 or 20 of all; b budget")
        titles = ("route and scenario", *"sc2 sc20 sw2 sw20 bc bw rc rw row2 row20".split())
        for row in (titles, *sorted(measured)):
            terminalreporter.write_line(LINE.format(*row))
