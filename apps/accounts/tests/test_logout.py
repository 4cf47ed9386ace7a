import pytest

from apps import testing
from apps.accounts.tests.people import bearing, is_live, log_in, outcome, renew


@pytest.fixture
def ann(db):
    return testing.make_user("Ann")


class TestLogout:
    def test_it_works(self, ann):
        tokens = log_in(ann)
        response = bearing(tokens["access_token"]).post("/auth/logout")
        assert response.status_code == 200
        assert response.json() == {"success": True, "message": "Logged out.", "data": None}
        assert outcome(bearing(tokens["access_token"]).get("/auth/me")) == (401, "invalid_token")
        assert outcome(renew(tokens["refresh_token"])) == (401, "invalid_token")

    def test_it_ends_all_access_tokens_of_the_session(self, ann):
        first = log_in(ann)
        second = renew(first["refresh_token"]).json()
        bearing(first["access_token"]).post("/auth/logout")
        assert not is_live(second["access_token"])
        assert renew(second["refresh_token"]).status_code == 401

    def test_it_lets_other_sessions_live(self, ann):
        here, elsewhere = log_in(ann), log_in(ann)
        bearing(here["access_token"]).post("/auth/logout")
        assert is_live(elsewhere["access_token"])
        assert renew(elsewhere["refresh_token"]).status_code == 200

    def test_it_needs_a_live_token(self, ann, anonymous):
        api = bearing(log_in(ann)["access_token"])
        assert [api.post("/auth/logout").status_code for _ in range(2)] == [200, 401]
        assert outcome(anonymous.post("/auth/logout")) == (401, "authentication_required")

    def test_it_ignores_a_body(self, as_owner):
        assert as_owner.raw("POST", "/auth/logout", b"{broken", "text/plain").status_code == 200

    @pytest.mark.parametrize("sessions", [2, 20])
    def test_it_costs_two_queries(self, as_owner, owner, django_assert_num_queries, sessions):
        for _ in range(sessions):
            testing.token_for(owner)
        with django_assert_num_queries(2):
            as_owner.post("/auth/logout")
