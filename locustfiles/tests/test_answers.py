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

    def test_somebody_elses_list_is_a_problem(self):
        page = PAGE | {"challenges": [ROW], "total": 1}
        assert answers.these_challenges(None)(page) is answers.these_challenges({"c"})(page) is None
        assert answers.these_challenges({"d"})(page) == "2 challenges that are not the same"

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


class TestRefusal:
    BODY = b'{"detail":"Try again.","code":"service_unavailable"}'

    def test_it_works(self):
        assert answers.refusal(503, self.BODY, "2") == answers.DOCUMENTED

    @pytest.mark.parametrize(
        ("status", "content", "retry_after"),
        [
            (503, BODY, None),
            (503, BODY, "0"),
            (503, BODY, "soon"),
            (503, b"<html>", "2"),
            (503, b'["service_unavailable"]', "2"),
            (503, b'{"detail":"Away.","code":"other"}', "2"),
            (500, BODY, "2"),
            (0, None, None),
        ],
    )
    def test_anything_else_is_a_failure_like_others(self, status, content, retry_after):
        assert answers.refusal(status, content, retry_after) is None


class TestRows:
    def test_it_works(self):
        check = answers.rows("items", {"id": str}, user_id="u")
        assert check({"items": [{"id": "a", "user_id": "u"}]}) is None
        assert check({"items": []}) is None

    def test_a_foreign_row_is_told(self):
        check = answers.rows("items", {"id": str}, user_id="u")
        assert check({"items": [{"id": "a", "user_id": "u"}, {"id": "b", "user_id": "v"}]}) == "user_id is 'v'"

    @pytest.mark.parametrize("body", [{}, [], {"items": None}, {"items": [1]}, {"items": [{"id": 1}]}])
    def test_another_shape_is_told(self, body):
        assert answers.rows("items", {"id": str})(body)

    def test_too_few_are_told(self):
        assert answers.rows(None, {}, least=1)([])

    def test_the_one_who_looks_is_looked_for(self):
        board = [{"habit_id": "h", "members": [{"user_id": "u"}], "total_checkins_today": 0}]
        assert answers.board_with_me("u")(board) is None
        assert answers.board_with_me("v")(board) == "the one who looks is not among them"
        assert answers.board_with_me("u")([])


class TestAbout:
    def test_it_works(self):
        check = answers.about(answers.shaped(name=str), name="a")
        assert check({"name": "a"}) is None
        assert check({"name": "b"}) == "name is 'b'"
        assert check({"name": 1}) == "missing or of another type: name"
        assert check([]).startswith("not an object")

    def test_304_has_no_body(self):
        assert problem(304, b"", 304) is None
        assert problem(304, b"{}", 304) == "304 with a body"
