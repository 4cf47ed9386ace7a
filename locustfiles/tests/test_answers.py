import json

import pytest

from locustfiles import answers

PAGE = {"challenges": [], "total": 0, "page": 1, "limit": 20, "pages": 0}
ROW = {"id": "c", "name": "n", "status": "active", "my_status": "active", "member_count": 2, "current_streak": 0}
CREATED = {
    "checkin": {"id": "k", "checkin_date": "2026-03-02", "user_id": "u", "challenge_id": "c", "habit_id": "h"},
    **{"new_streak": 1, "points_earned": 10, "is_streak_broken": False, "message": "Checked in."},
}


def problem(status: int, body: object, expected: int = 200, check=answers.nothing) -> str | None:
    content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    return answers.problem_of(status, content, expected, check)[1]


class TestProblem:
    def test_it_works(self):
        assert answers.problem_of(200, b'{"a": 1}', 200, answers.nothing) == ({"a": 1}, None)
        assert answers.problem_of(204, b"", 204, answers.nothing) == (None, None)

    def test_it_quotes_an_unexpected_answer(self):
        assert problem(400, {"code": "challenge_closed"}, 201) == '400: {"code": "challenge_closed"}'

    def test_no_answer_at_all_is_one(self):
        assert problem(0, None).startswith("no answer")

    @pytest.mark.parametrize("body", [b"", b"<html>", b"{", None])
    def test_what_is_no_json_is_one(self, body):
        assert problem(200, body).startswith("no JSON")

    def test_a_204_has_no_body(self):
        assert problem(204, b"{}", 204) == "204 with a body"


class TestShapes:
    def test_it_works(self):
        assert answers.wrong_shape({"a": 1, "b": "x", "extra": 1}, {"a": int, "b": str}) is None

    def test_it_names_what_is_missing_or_of_another_type(self):
        assert answers.wrong_shape({"a": True, "b": None}, {"a": int, "b": str, "c": list}).endswith("a, b, c")

    def test_a_list_is_no_object(self):
        assert answers.wrong_shape([], {}) == "not an object: []"

    def test_somebody_elses_answer_is_a_problem(self):
        assert answers.other({"id": "1"}, id="2") == "id is '1'"

    def test_an_empty_page_is_a_problem(self):
        assert answers.own_challenges(PAGE) == "0 challenges on a page of 20, 0 in all"

    def test_a_page_that_is_cut_short_is_a_problem(self):
        assert "1 challenges" in answers.own_challenges(PAGE | {"challenges": [ROW], "total": 2})

    def test_a_row_without_its_fields_is_a_problem(self):
        assert answers.own_challenges(PAGE | {"challenges": [ROW], "total": 1}) is None
        bad = ROW | {"my_status": None}
        assert answers.own_challenges(PAGE | {"challenges": [bad], "total": 1}).endswith("my_status")

    @pytest.mark.parametrize("wrong", [{"points_earned": 0}, {"new_streak": 0}, {"checkin": {"id": "k"}}])
    def test_a_check_in_that_gave_nothing_is_a_problem(self, wrong):
        check = answers.check_in_of("u", "c", "h")
        assert check(CREATED) is None
        assert check(CREATED | wrong)

    def test_a_check_in_of_another_habit_is_a_problem(self):
        assert answers.check_in_of("u", "c", "x")(CREATED) == "habit_id is 'h'"
