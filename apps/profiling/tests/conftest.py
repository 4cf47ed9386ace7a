"""bin/test apps/profiling/tests/test_budgets.py ends with a table of what each scenario costs.

Without that path xdist does not load this file where the report is written: a run of everything stays short.
"""

MEASURED = "measured"
LINE = "{:<66}" + " {:>4}" * 10


def pytest_terminal_summary(terminalreporter):
    reports = terminalreporter.stats.get("passed", [])
    measured = [value for report in reports for name, value in report.user_properties if name == MEASURED]
    if measured:
        terminalreporter.section("s statements, r Redis round trips, rows; c cold, w warm; 2 or 20 of all; b budget")
        titles = ("route and scenario", *"sc2 sc20 sw2 sw20 bc bw rc rw row2 row20".split())
        for row in (titles, *sorted(measured)):
            terminalreporter.write_line(LINE.format(*row))
