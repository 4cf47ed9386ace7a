"""What locustfiles/answers.py believes about the API is what the API answers."""

import pytest

from apps import testing
from locustfiles import answers

pytestmark = pytest.mark.django_db


def problem(response, check, status: int = 200) -> str | None:
    return answers.problem_of(response.status_code, response.content, status, check)[1]


class TestAnswers:
    def test_it_works(self, owner, anonymous):
        """LOAD 1."""
        response = anonymous.post("/auth/login", {"email": owner.email, "password": "password"})
        assert problem(response, answers.tokens_of(owner.email)) is None

    def test_it_knows_the_profile(self, owner, as_owner):
        assert problem(as_owner.get("/users/me"), answers.profile_of(owner.email, str(owner.id))) is None

    def test_it_tells_a_foreign_profile(self, owner, as_member):
        assert problem(as_member.get("/users/me"), answers.profile_of(owner.email, str(owner.id)))

    def test_it_knows_the_challenges(self, challenge, as_owner):
        assert problem(as_owner.get("/challenges"), answers.own_challenges) is None

    def test_it_knows_a_check_in_and_its_end(self, owner, challenge, as_owner):
        ids = {"challenge_id": str(challenge.id), "habit_id": str(testing.HABITS[0])}
        created = as_owner.post("/checkins", ids | {"caption": "Test checkin"})
        assert problem(created, answers.check_in_of(str(owner.id), *ids.values()), 201) is None
        deleted = as_owner.delete(f"/checkins/{created.json()['checkin']['id']}")
        assert problem(deleted, answers.nothing, 204) is None

    def test_it_knows_what_it_sets_up_with(self, challenge, as_owner):
        detail = as_owner.get(f"/challenges/{challenge.id}")
        assert problem(detail, answers.detail_of(str(challenge.id))) is None
        assert problem(as_owner.get("/checkins"), answers.own_check_ins) is None
