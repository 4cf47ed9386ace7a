import pytest

from locustfiles import objectives
from locustfiles.objectives import plain

FOUR = ["POST /api/v1/auth/login", "GET /api/v1/users/me", "GET /api/v1/challenges", "POST /api/v1/checkins"]


class TestObjectives:
    def test_it_works(self):
        """The file says what contract 9.1 promises for its four calls: p95 within 200 ms."""
        declared = objectives.read("brief")
        assert list(declared.declared) == FOUR
        assert [declared.route(name).gate for name in FOUR] == [{"p95_ms": 200}] * 4
        assert [declared.route(name).once_at_start for name in FOUR] == [True, False, False, False]
        assert all(declared.route(name).minimum >= 59 for name in FOUR)

    @pytest.mark.parametrize("profile", ["brief", "mixed"])
    def test_our_own_are_50_ms_for_reads_and_100_for_writes(self, profile):
        declared = objectives.read(profile)
        assert [declared.route(name).target["p95_ms"] for name in FOUR] == [100, 50, 50, 100]

    def test_what_nobody_declared_has_the_general_limits(self):
        route = objectives.read("nothing").route("GET /api/v1/habits")
        assert (route.gate, route.minimum, route.sql) == ({"p95_ms": 200}, 0, 2)

    def test_statements_have_the_ceilings_of_the_budgets(self):
        declared = objectives.read("mixed")
        assert declared.route("GET /api/v1/challenges/{id}/members").sql == 3
        assert declared.route("POST /api/v1/checkins").sql == 9
        assert declared.route("GET /unknown").sql is None

    def test_the_names_of_an_id_do_not_matter(self):
        assert plain("DELETE /api/v1/a/<a_id>/b/{b}") == plain("DELETE /api/v1/a/{id}/b/<b_id>")
