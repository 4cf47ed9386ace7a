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


class TestCeiling:
    def test_the_recorder_finds_that_of_a_route_as_logs_name_it(self):
        assert budgets.ceiling("GET", "/api/v1/challenges") == budgets.ceiling("HEAD", "/api/v1/challenges") == 3
        assert budgets.ceiling("GET", "/api/v1/unknown") is None

    def test_the_dearest_case_counts_and_a_key_is_the_recorders_to_add(self):
        assert budgets.ceiling("POST", "/api/v1/checkins") == 14
        assert budgets.ceiling("POST", "/api/v1/challenges") == budgets.ROUTES["POST", "challenges"].cold

    def test_a_page_of_the_staff_site_has_ten(self):
        assert budgets.ceiling("GET", "/admin/checkins/checkin/") == 10
        assert budgets.ceiling("GET", "/admin/") == 6
        assert budgets.ceiling("POST", "/admin/checkins/checkin/") is None
        assert budgets.ceiling("GET", "/static/a.css") is None
