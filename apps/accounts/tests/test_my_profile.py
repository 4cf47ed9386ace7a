from datetime import UTC, date, datetime

import pytest

from apps import testing
from apps.accounts.models import User
from apps.accounts.tests.people import outcome, violations
from apps.core import clock
from apps.testing import Api


def reload(user: User) -> User:
    return User.objects.get(pk=user.pk)


def join_challenges(user: User, number: int) -> None:
    for _ in range(number):
        testing.make_challenge(user, testing.make_user())


class TestMyProfile:
    def test_it_works(self, as_owner, owner):
        assert as_owner.get("/users/me").json() == {
            "id": str(owner.id),
            "email": owner.email,
            "full_name": None,
            "display_name": "Olga",
            "bio": None,
            "avatar_url": None,
            "timezone": "UTC",
            "account_type": "b2c",
            "organization_id": None,
            "stats": {
                "current_streak": 0,
                "longest_streak": 0,
                "total_check_ins": 0,
                "total_challenges_completed": 0,
                "points": 0,
                "active_challenges": 0,
                "friend_count": 0,
            },
            "created_at": owner.created_at.isoformat().replace("+00:00", "Z"),
            "last_seen_at": owner.last_seen_at.isoformat().replace("+00:00", "Z"),
        }

    def test_it_counts_active_memberships_in_pending_and_active_challenges(self, as_owner, owner):
        for status in ("pending", "active", "completed", "failed", "archived"):
            testing.make_challenge(owner, status=status)
        for status in ("pending", "left", "kicked"):
            testing.add_member(testing.make_challenge(testing.make_user()), owner, status=status)
        assert as_owner.get("/users/me").json()["stats"]["active_challenges"] == 2

    def test_it_shows_the_mode_that_staff_forced(self, as_owner, owner):
        User.objects.filter(pk=owner.pk).update(forced_mode="b2b")
        assert as_owner.get("/users/me").json()["account_type"] == "b2b"

    @pytest.mark.parametrize(
        ("last", "floor", "shown"),
        [
            (date(2026, 3, 2), date(2026, 3, 2), 3),
            (date(2026, 3, 1), date(2026, 3, 1), 3),
            (date(2026, 2, 28), date(2026, 2, 28), 0),
            # The day of someone who travelled west stays where it was: 3 March.
            (date(2026, 3, 1), date(2026, 3, 3), 0),
        ],
    )
    def test_it_shows_the_streak_of_the_own_day(self, as_owner, owner, last, floor, shown):
        stored = {"current_streak": 3, "longest_streak": 8, "last_checkin_date": last, "day_floor": floor}
        User.objects.filter(pk=owner.pk).update(timezone="America/New_York", **stored)
        with clock.standing_at(datetime(2026, 3, 3, 4, 30, tzinfo=UTC)):  # 2 March, 23:30 in New York
            stats = Api(owner).get("/users/me").json()["stats"]
        assert (stats["current_streak"], stats["longest_streak"]) == (shown, 8)

    def test_it_needs_a_token(self, anonymous):
        assert outcome(anonymous.get("/users/me")) == (401, "authentication_required")

    @pytest.mark.parametrize("number", [2, 20])
    def test_it_costs_two_queries(self, as_owner, owner, django_assert_num_queries, number):
        join_challenges(owner, number)
        with django_assert_num_queries(2):
            as_owner.get("/users/me")


class TestProfileEdit:
    CHANGES = {
        "full_name": "Olga Ott",
        "display_name": "Olli",
        "bio": "Early bird.\nLate owl.",
        "avatar_url": "http://localhost:9000/a.png",
        "timezone": "Europe/Berlin",
    }

    def test_it_works(self, as_owner, owner):
        response = as_owner.patch("/users/me", self.CHANGES)
        assert response.status_code == 200
        assert response.json() == as_owner.get("/users/me").json()
        assert response.json() | self.CHANGES == response.json()

    def test_it_takes_put_for_patch(self, as_owner):
        response = as_owner.put("/users/me", {"bio": "only this"})
        assert (response.status_code, response.json()["bio"], response.json()["display_name"]) == (
            200,
            "only this",
            "Olga",
        )

    @pytest.mark.parametrize("field", CHANGES)
    def test_it_changes_one_field_and_nothing_else(self, as_owner, field):
        before = as_owner.get("/users/me").json()
        assert as_owner.patch("/users/me", {field: self.CHANGES[field]}).json() == before | {field: self.CHANGES[field]}

    def test_it_moves_updated_at(self, as_owner, owner):
        before = clock.now()
        as_owner.patch("/users/me", {"bio": "x"})
        assert reload(owner).updated_at > before

    def test_it_changes_nobody_else(self, as_owner, as_member):
        before = as_member.get("/users/me").json()
        as_owner.patch("/users/me", self.CHANGES)
        assert as_member.get("/users/me").json() == before

    @pytest.mark.parametrize("field", ["full_name", "bio", "avatar_url"])
    def test_it_clears_with_null(self, as_owner, field):
        as_owner.patch("/users/me", self.CHANGES)
        assert as_owner.patch("/users/me", {field: None}).json()[field] is None

    def test_it_keeps_an_empty_bio(self, as_owner):
        assert as_owner.patch("/users/me", {"bio": ""}).json()["bio"] == ""

    @pytest.mark.parametrize("body", [{}, {"email": "x@example.com"}, {"points": 5, "nonsense": None}])
    def test_it_says_when_there_is_nothing_to_change(self, as_owner, body):
        assert outcome(as_owner.patch("/users/me", body)) == (400, "no_fields")
        assert outcome(as_owner.put("/users/me", body)) == (400, "no_fields")

    def test_it_ignores_fields_that_are_not_for_clients__hc14(self, as_owner, owner):
        before = as_owner.get("/users/me").json()
        extra = {
            "id": str(testing.HABITS[0]), "email": "x@example.com", "points": 9, "current_streak": 9, "is_staff": True,
            "is_active": False, "account_type": "b2b", "forced_mode": "b2b", "organization_id": str(testing.HABITS[0]),
            "day_floor": "2099-01-01", "token_version": 7, "password": "an0ther secret", "created_at": None,
        }  # fmt: skip
        assert as_owner.patch("/users/me", extra | {"bio": "new"}).json() == before | {"bio": "new"}
        stored = reload(owner)
        assert (stored.is_staff, stored.is_active, stored.day_floor, stored.token_version) == (False, True, None, 0)
        assert stored.password == owner.password

    @pytest.mark.parametrize(
        ("body", "type"),
        [
            ({"full_name": ""}, "blank"),
            ({"full_name": "x" * 101}, "max_length"),
            ({"full_name": "a\u2067b"}, "invalid"),
            ({"full_name": 7}, "invalid"),
            ({"display_name": None}, "null"),
            ({"display_name": " \u200b"}, "blank"),
            ({"display_name": "x" * 51}, "max_length"),
            ({"display_name": "line\nbreak"}, "invalid"),
            ({"bio": "x" * 501}, "max_length"),
            ({"bio": "nul\0"}, "invalid"),
            ({"bio": {"a": 1}}, "invalid"),
            ({"avatar_url": ""}, "blank"),
            ({"avatar_url": "ftp://example.com/a.png"}, "invalid"),
            ({"avatar_url": "https://user:secret@example.com/a.png"}, "invalid"),
            ({"avatar_url": "https://example.com/" + "x" * 2048}, "max_length"),
            ({"timezone": None}, "null"),
            ({"timezone": "../../etc/passwd"}, "invalid"),
            ({"timezone": "localtime"}, "invalid"),
            ({"timezone": "Factory"}, "invalid"),
            ({"timezone": "x" * 5000}, "invalid"),
            ({"timezone": ["UTC"]}, "invalid"),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_it_refuses_bad_input__hc10_hc11_hc16(self, as_owner, body, type):
        before = as_owner.get("/users/me").json()
        (field,) = body
        assert violations(as_owner.patch("/users/me", body)) == [(field, type)]
        assert violations(as_owner.put("/users/me", body)) == [(field, type)]
        assert as_owner.get("/users/me").json() == before

    def test_it_changes_all_or_nothing(self, as_owner):
        assert as_owner.patch("/users/me", self.CHANGES | {"timezone": "Mars"}).status_code == 422
        assert as_owner.get("/users/me").json()["display_name"] == "Olga"

    @pytest.mark.parametrize("number", [2, 20])
    def test_it_costs_three_queries_and_four_with_a_timezone(self, as_owner, owner, django_assert_num_queries, number):
        join_challenges(owner, number)
        with django_assert_num_queries(3):
            as_owner.patch("/users/me", {"bio": "x"})
        with django_assert_num_queries(4):
            as_owner.patch("/users/me", {"timezone": "Europe/Berlin"})


class TestTimezoneChange:
    def move(self, user: User, instant: datetime, timezone: str) -> date | None:
        with clock.standing_at(instant):
            assert Api(user).patch("/users/me", {"timezone": timezone}).status_code == 200
        return reload(user).day_floor

    def test_it_works(self, owner):
        """Westward: the day that was reached stays reached (contract 3.1)."""
        User.objects.filter(pk=owner.pk).update(timezone="Asia/Ho_Chi_Minh", day_floor=date(2026, 6, 9))
        assert self.move(owner, datetime(2026, 6, 10, 4, tzinfo=UTC), "America/Los_Angeles") == date(2026, 6, 10)
        with clock.standing_at(datetime(2026, 6, 10, 4, tzinfo=UTC)):
            assert reload(owner).today() == date(2026, 6, 10)
        with clock.standing_at(datetime(2026, 6, 11, 7, tzinfo=UTC)):
            assert reload(owner).today() == date(2026, 6, 11)

    def test_it_starts_the_next_date_early_eastward(self, owner):
        User.objects.filter(pk=owner.pk).update(timezone="America/Los_Angeles", day_floor=date(2026, 6, 10))
        instant = datetime(2026, 6, 11, 5, tzinfo=UTC)
        assert self.move(owner, instant, "Asia/Ho_Chi_Minh") == date(2026, 6, 10)
        with clock.standing_at(instant):
            assert reload(owner).today() == date(2026, 6, 11)

    def test_it_never_lowers_the_day(self, owner):
        User.objects.filter(pk=owner.pk).update(timezone="America/Los_Angeles", day_floor=date(2026, 6, 12))
        instant = datetime(2026, 6, 11, 5, tzinfo=UTC)
        for timezone in ("Asia/Ho_Chi_Minh", "UTC", "Pacific/Pago_Pago"):
            assert self.move(owner, instant, timezone) == date(2026, 6, 12)

    def test_it_sets_no_day_before_the_first_check_in(self, owner):
        assert self.move(owner, datetime(2026, 6, 11, 5, tzinfo=UTC), "Asia/Ho_Chi_Minh") is None

    def test_it_leaves_the_day_alone_when_the_zone_stays(self, owner):
        User.objects.filter(pk=owner.pk).update(timezone="UTC", day_floor=date(2026, 6, 1))
        assert self.move(owner, datetime(2026, 6, 11, 5, tzinfo=UTC), "UTC") == date(2026, 6, 1)
