"""manage.py query_budgets"""

from io import StringIO

from django.core.management import call_command

from apps.profiling import budgets


def printed() -> list[list[str]]:
    out = StringIO()
    call_command("query_budgets", stdout=out)
    lines = (line.strip("│").split("│") for line in out.getvalue().splitlines() if line.startswith("│"))
    return [[cell.strip() for cell in cells] for cells in lines]


class TestTable:
    def test_it_works(self):
        assert ["GET challenges", "", "3", "0"] in printed()

    def test_a_case_with_a_ceiling_of_its_own_follows_its_route(self):
        rows = printed()
        route = rows.index(["POST checkins", "", "9", "8"])
        assert rows[route + 1] == ["", "first of the date", "11", "10"]

    def test_nothing_is_left_out(self):
        assert len(printed()) == len(budgets.ROUTES) + len(budgets.VARIANTS)
