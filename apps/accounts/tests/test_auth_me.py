from datetime import timedelta

import pytest

from apps import testing
from apps.accounts.models import User
from apps.accounts.tests.people import outcome
from apps.core import clock


class TestAuthMe:
    def test_it_works(self, as_owner, owner):
        yesterday = clock.now().date() - timedelta(days=1)
        User.objects.filter(pk=owner.pk).update(
            full_name="Olga O.", bio="", points=30, total_check_ins=3, total_challenges_completed=1,
            current_streak=2, longest_streak=5, last_checkin_date=yesterday,
        )  # fmt: skip
        assert as_owner.get("/auth/me").json() == {
            "id": str(owner.id),
            "email": owner.email,
            "full_name": "Olga O.",
            "display_name": "Olga",
            "avatar_url": None,
            "bio": "",
            "timezone": "UTC",
            "account_type": "b2c",
            "stats": {
                "current_streak": 2,
                "longest_streak": 5,
                "total_check_ins": 3,
                "total_challenges_completed": 1,
                "points": 30,
            },
            "created_at": owner.created_at.isoformat().replace("+00:00", "Z"),
        }

    def test_it_needs_a_token(self, anonymous):
        assert outcome(anonymous.get("/auth/me")) == (401, "authentication_required")

    def test_it_costs_two_queries(self, as_owner, django_assert_num_queries):
        with django_assert_num_queries(2):
            as_owner.get("/auth/me")


class TestVerify:
    def test_it_works(self, as_owner, owner):
        response = as_owner.post("/auth/verify")
        assert response.status_code == 200
        assert response.json() == {"valid": True, "user_id": str(owner.id), "email": owner.email}

    @pytest.mark.parametrize("body", [b"{broken", b"[]", b"x" * 100])
    def test_it_ignores_a_body(self, as_owner, body):
        assert as_owner.raw("POST", "/auth/verify", body, "text/plain").status_code == 200

    def test_it_needs_a_token(self, anonymous):
        assert outcome(anonymous.post("/auth/verify")) == (401, "authentication_required")

    @pytest.mark.parametrize("sessions", [2, 20])
    def test_it_costs_two_queries(self, as_owner, owner, django_assert_num_queries, sessions):
        for _ in range(sessions):
            testing.token_for(owner)
        with django_assert_num_queries(2):
            as_owner.post("/auth/verify")
