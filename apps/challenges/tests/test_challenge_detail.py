from datetime import date

import pytest

from apps import testing
from apps.accounts.tests.people import outcome
from apps.challenges.models import Challenge, ChallengeHabit, Membership, Role
from apps.challenges.serializers.challenges import elapsed_days
from apps.challenges.tests.steps import NOBODY, make_check_ins, people, read
from apps.core.clock import DAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

TODAY = testing.NOON
DAY_OF = TODAY.date()


class TestDetail:
    def test_it_works(self, challenge, owner, member):
        answer = read(member, challenge)
        assert answer == {
            "id": str(challenge.id),
            "name": challenge.name,
            "description": None,
            "type": "individual",
            "status": "active",
            "start_date": "2026-03-01",
            "end_date": "2026-03-31",
            "duration_days": 30,
            "checkin_type": "photo",
            "require_evidence": False,
            "is_public": False,
            "max_members": 10,
            "member_count": 2,
            "current_streak": 0,
            "organization_id": None,
            "program_id": None,
            "created_at": "2026-03-02T12:00:00Z",
            "created_by": str(owner.id),
            "invite_code": challenge.invite_code,
            "members": answer["members"],
            "habits": answer["habits"],
            "my_role": "member",
            "my_status": "active",
            "my_stats": answer["members"][1]["stats"],
        }

    def test_it_lists_active_members_by_the_time_they_joined(self, challenge, owner, member):
        for status in ("pending", "left", "kicked"):
            testing.add_member(challenge, testing.make_user(), status=status)
        first = testing.make_user("first")
        testing.add_member(challenge, first, joined_at=TODAY - DAY)
        gone = testing.make_user("gone", is_active=False)  # a deactivated account stays a member
        testing.add_member(challenge, gone, joined_at=TODAY + DAY)
        members = read(owner, challenge)["members"]
        assert [found["user_id"] for found in members] == [str(user.id) for user in (first, owner, member, gone)]
        assert {found["status"] for found in members} == {"active"}

    def test_it_shows_a_member_in_full(self, challenge, owner, member):
        columns = {"current_streak": 3, "longest_streak": 9, "total_checkins": 41, "points_earned": 690}
        Membership.objects.filter(user=member).update(
            hitch_count=1, last_checkin_at=TODAY, last_checkin_date=DAY_OF, role=Role.ADMIN, **columns
        )
        shown = read(owner, challenge)["members"][1]
        assert shown == {
            "id": str(Membership.objects.get(user=member).id),
            "user_id": str(member.id),
            "display_name": "Max",
            "avatar_url": None,
            "role": "admin",
            "status": "active",
            "stats": columns | {"hitch_count": 1},
            "joined_at": "2026-03-02T12:00:00Z",
            "left_at": None,
            "last_checkin_at": "2026-03-02T12:00:00Z",
        }
        assert read(member, challenge)["my_stats"] == shown["stats"]

    def test_it_shows_a_members_streak_as_of_the_members_day(self, challenge, owner):
        people = {zone: testing.make_user(timezone=zone) for zone in ("Pacific/Kiritimati", "America/Los_Angeles")}
        for user in people.values():
            testing.add_member(challenge, user, current_streak=5, last_checkin_date=date(2026, 3, 1))
        shown = {found["user_id"]: found["stats"]["current_streak"] for found in read(owner, challenge)["members"]}
        # In Kiritimati it is the third of March: its second was missed.
        assert [shown[str(user.id)] for user in people.values()] == [0, 5]

    def test_it_shows_its_own_streak_as_of_the_viewers_day(self, challenge, owner):
        Challenge.objects.update(current_streak=5, last_checkin_date=date(2026, 3, 1))
        east = testing.make_user(timezone="Pacific/Kiritimati")
        testing.add_member(challenge, east)
        assert [read(user, challenge)["current_streak"] for user in (owner, east)] == [5, 0]


class TestHabits:
    def test_it_shows_them_in_order_with_their_custom_names(self, challenge, owner):
        custom = {"custom_name": "Run", "custom_icon": "👟", "custom_description": "Run far."}
        ChallengeHabit.objects.filter(display_order=1).update(**custom)
        first, second = read(owner, challenge)["habits"]
        counts = {"total_checkins": 0, "completion_rate": 0.0}
        assert first == counts | {
            "id": str(testing.HABITS[0]),
            "name": "Morning Exercise",
            "icon": "🏃",
            "description": "Move your body before the day begins.",
            "category": "health",
            "display_order": 0,
            "custom_name": None,
            "custom_icon": None,
            "custom_description": None,
        }
        assert second == counts | custom | {
            "id": str(testing.HABITS[1]),
            "name": "Run",
            "icon": "👟",
            "description": "Run far.",
            "category": "health",
            "display_order": 1,
        }

    def test_it_counts_what_anybody_did_and_rates_what_members_did(self, challenge, owner, member):
        left = testing.make_user()
        testing.add_member(challenge, left, status="left")
        make_check_ins(challenge, owner, [DAY_OF, DAY_OF - DAY])
        make_check_ins(challenge, member, [DAY_OF])
        make_check_ins(challenge, left, [DAY_OF, DAY_OF - DAY])
        make_check_ins(challenge, member, [DAY_OF], habit=2)
        first, second = read(owner, challenge)["habits"]
        # Two members and two days so far: four cells a habit.
        assert (first["total_checkins"], first["completion_rate"]) == (5, 75.0)
        assert (second["total_checkins"], second["completion_rate"]) == (1, 25.0)

    def test_it_counts_completed_and_verified_check_ins_of_this_challenge(self, challenge, owner, member):
        for days, status in enumerate(("completed", "verified", "pending", "rejected")):
            make_check_ins(challenge, owner, [DAY_OF - days * DAY], status=status)
        make_check_ins(testing.make_challenge(owner), owner, [DAY_OF])
        assert read(owner, challenge)["habits"][0]["total_checkins"] == 2

    def test_it_rates_by_the_days_that_have_passed_for_the_viewer(self, challenge, owner, member):
        make_check_ins(challenge, owner, [DAY_OF])
        east = testing.make_user(timezone="Pacific/Kiritimati")
        testing.add_member(challenge, east)
        rates = [read(user, challenge)["habits"][0]["completion_rate"] for user in (owner, east)]
        assert rates == [16.67, 11.11]  # 1 of 3 x 2, 1 of 3 x 3

    def test_it_rates_zero_before_the_first_day(self, owner):
        challenge = testing.make_challenge(owner, start_date=DAY_OF + DAY)
        assert read(owner, challenge)["habits"][0]["completion_rate"] == 0.0

    @pytest.mark.parametrize(
        ("day", "days"),
        [("2026-02-28", 0), ("2026-03-01", 1), ("2026-03-02", 2), ("2026-03-31", 31), ("2026-12-31", 31)],
    )
    def test_the_days_that_have_passed_count_both_ends(self, day, days):
        assert elapsed_days(date(2026, 3, 1), date(2026, 3, 31), date.fromisoformat(day)) == days


class TestReaders:
    def test_it_shows_the_code_to_active_members_only(self, challenge, owner, member):
        pending = testing.make_user()
        testing.add_member(challenge, pending, status="pending")
        codes = [read(user, challenge)["invite_code"] for user in (owner, member, pending)]
        assert codes == [challenge.invite_code, challenge.invite_code, None]

    def test_a_pending_member_reads_it_with_role_and_statistics(self, challenge):
        pending = testing.make_user()
        testing.add_member(challenge, pending, status="pending")
        answer = read(pending, challenge)
        assert (answer["my_role"], answer["my_status"]) == ("member", "pending")
        assert answer["my_stats"]["hitch_count"] == 2
        assert len(answer["members"]) == 2

    @pytest.mark.parametrize("status", [None, "left", "kicked"])
    def test_a_stranger_reads_a_public_one(self, challenge, outsider, status):
        Challenge.objects.update(is_public=True)
        if status:
            testing.add_member(challenge, outsider, status=status)
        answer = read(outsider, challenge)
        assert [answer[name] for name in ("my_role", "my_status", "my_stats", "invite_code")] == [None] * 4
        assert len(answer["members"]) == 2

    @pytest.mark.parametrize("status", [None, "left", "kicked"])
    def test_a_stranger_does_not_read_a_private_one(self, as_outsider, challenge, outsider, status):
        if status:
            testing.add_member(challenge, outsider, status=status)
        assert outcome(as_outsider.get(f"/challenges/{challenge.id}")) == (403, "not_a_member")

    def test_members_still_read_an_archived_one(self, as_outsider, challenge, member):
        Challenge.objects.update(status="archived")
        assert read(member, challenge)["status"] == "archived"
        assert outcome(as_outsider.get(f"/challenges/{challenge.id}")) == (403, "not_a_member")

    @pytest.mark.parametrize("id", [NOBODY, "abc", "history", "9" * 5000])
    def test_nobody_reads_what_there_is_not__hc1(self, as_owner, anonymous, id):
        assert outcome(as_owner.get(f"/challenges/{id}")) == (404, "challenge_not_found")
        assert outcome(anonymous.get(f"/challenges/{id}")) == (401, "authentication_required")

    def test_it_is_named_in_either_case(self, as_owner, challenge):
        assert as_owner.get(f"/challenges/{str(challenge.id).upper()}").json()["id"] == str(challenge.id)


class TestCost:
    @pytest.mark.parametrize("count", [2, 20])
    def test_it_costs_four_queries(self, as_owner, owner, count, django_assert_num_queries):
        members = people(count)
        challenge = testing.make_challenge(owner, *members, habits=4, max_members=50)
        for user in members:
            make_check_ins(challenge, user, [DAY_OF - days * DAY for days in range(count)])
        with django_assert_num_queries(4):
            answer = as_owner.get(f"/challenges/{challenge.id}").json()
        assert (len(answer["members"]), answer["habits"][0]["total_checkins"]) == (count + 1, count * count)
