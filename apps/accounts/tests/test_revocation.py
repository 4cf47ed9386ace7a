"""A session that has ended has ended for every route, at once, whatever the cache held."""

import pytest

from apps.accounts import services
from apps.accounts.tests.people import bearing, is_live, log_in, outcome, renew
from apps.core.tests.routes import api_routes

pytestmark = pytest.mark.django_db
CALLS = [(route, method) for route in api_routes() if not route.is_open for method in route.methods]
CHANGE = {"current_password": "password", "new_password": "an0ther secret"}


def end_by_log_out(user, access):
    assert bearing(access).post("/auth/logout").status_code == 200


def end_by_password(user, access):
    assert bearing(access).post("/auth/password", CHANGE).status_code == 200


def end_by_staff_password(user, access):
    services.set_password(user_id=user.id, encoded="!")


def end_by_deactivation(user, access):
    services.deactivate_user(user_id=user.id)


WAYS = [end_by_log_out, end_by_password, end_by_staff_password, end_by_deactivation]


@pytest.mark.parametrize("end", WAYS, ids=lambda end: end.__name__)
class TestEnd:
    def test_every_route_answers_401_at_once__hc22(self, end, owner):
        tokens = log_in(owner)
        api = bearing(tokens["access_token"])
        assert is_live(tokens["access_token"])  # the cache knows who it is
        end(owner, tokens["access_token"])
        answers = {(method, str(route)): api.raw(method.upper(), route.path()) for route, method in CALLS}
        assert {key: outcome(answer) for key, answer in answers.items() if answer.status_code != 401} == {}
        assert {answer.json()["code"] for answer in answers.values()} == {"invalid_token"}
        assert len(answers) >= 40

    def test_its_refresh_token_ends_with_it(self, end, owner):
        tokens = log_in(owner)
        end(owner, tokens["access_token"])
        assert outcome(renew(tokens["refresh_token"])) == (401, "invalid_token")


class TestOthers:
    @pytest.mark.parametrize(
        ("end", "lives"),
        list(zip(WAYS, [True, False, False, False], strict=True)),
        ids=[way.__name__ for way in WAYS],
    )
    def test_a_log_out_ends_one_session_and_the_others_end_all(self, end, lives, owner):
        one, other = log_in(owner), log_in(owner)
        assert is_live(other["access_token"])
        end(owner, one["access_token"])
        assert is_live(other["access_token"]) is lives
        assert (renew(other["refresh_token"]).status_code == 200) is lives

    @pytest.mark.parametrize("end", WAYS, ids=lambda end: end.__name__)
    def test_nobody_else_is_logged_out(self, end, owner, as_member):
        end(owner, log_in(owner)["access_token"])
        assert as_member.get("/auth/me").status_code == 200
