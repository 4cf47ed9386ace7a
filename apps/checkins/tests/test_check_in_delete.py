"""DELETE /checkins/{id}: what goes and what stays (contract 3.3)."""

from datetime import date

import pytest

from apps import testing
from apps.accounts.models import User
from apps.challenges.models import Challenge, Membership
from apps.checkins.models import CheckIn
from apps.checkins.tests.steps import check_in, code, delete, make_row, member_state, moment, user_state
from apps.core import clock
from apps.core.clock import DAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

TODAY = testing.NOON
NOBODY = "00000000-0000-0000-0000-00000000dead"


def on_day(user, challenge, day, habit=1):
    """A check-in `day` days after today."""
    with clock.standing_at(TODAY + day * DAY):
        return check_in(user, challenge, habit)


def delete_on_day(user, answer, day):
    with clock.standing_at(TODAY + day * DAY):
        return delete(user, answer)


class TestDelete:
    def test_it_works(self, challenge, member):
        response = delete(member, check_in(member, challenge))
        assert (response.status_code, response.content) == (204, b"")
        assert member_state(challenge, member) == user_state(member) == (0, 0, 0, 0)
        assert CheckIn.objects.count() == 0

    def test_a_second_time_it_is_gone(self, challenge, member):
        answer = check_in(member, challenge)
        delete(member, answer)
        assert code(delete(member, answer)) == (404, "checkin_not_found")
        assert user_state(member) == (0, 0, 0, 0)

    def test_last_days_are_those_of_what_remains(self, challenge, member):
        on_day(member, challenge, 0)
        answer = on_day(member, challenge, 1)
        delete_on_day(member, answer, 1)
        row, user = Membership.objects.get(challenge=challenge, user=member), User.objects.get(pk=member.pk)
        assert (row.last_checkin_at, row.last_checkin_date, user.last_checkin_date) == (
            TODAY,
            TODAY.date(),
            TODAY.date(),
        )

    def test_nothing_remains_of_the_only_one_but_the_day_floor(self, challenge, member):
        delete(member, check_in(member, challenge))
        row, user = Membership.objects.get(challenge=challenge, user=member), User.objects.get(pk=member.pk)
        assert (row.last_checkin_at, row.last_checkin_date, user.last_checkin_date) == (None, None, None)
        assert user.day_floor == TODAY.date()

    def test_the_day_stays_while_another_habit_holds_it(self, challenge, member):
        on_day(member, challenge, 0)
        answer = on_day(member, challenge, 1, habit=1)
        on_day(member, challenge, 1, habit=2)
        delete_on_day(member, answer, 1)
        assert member_state(challenge, member) == user_state(member) == (2, 2, 2, 20)

    def test_the_users_day_stays_while_another_challenge_holds_it(self, challenge, member):
        other = testing.make_challenge(member)
        answer, _ = check_in(member, challenge), check_in(member, other)
        delete(member, answer)
        assert member_state(challenge, member) == (0, 0, 0, 0)
        assert user_state(member) == (1, 1, 1, 10)

    def test_a_longest_streak_that_lost_a_day_is_shorter(self, challenge, member):
        answers = [on_day(member, challenge, day) for day in range(3)]
        delete_on_day(member, answers[1], 2)
        assert member_state(challenge, member) == (1, 1, 2, 50)
        assert user_state(member) == (1, 1, 2, 50)

    def test_points_of_an_older_one_are_kept(self, challenge, member):
        answer = on_day(member, challenge, 0)
        delete_on_day(member, answer, 1)
        row = Membership.objects.get(challenge=challenge, user=member)
        assert (row.points_earned, row.kept_points, row.total_checkins) == (10, 10, 0)
        assert user_state(member) == (0, 0, 0, 10)

    def test_points_of_other_rows_never_change(self, challenge, member):
        on_day(member, challenge, 0)
        answer = on_day(member, challenge, 1)
        after = on_day(member, challenge, 2).json()["checkin"]["id"]
        delete_on_day(member, answer, 2)
        assert CheckIn.objects.get(pk=after).points_earned == 20

    def test_deleting_and_repeating_gains_nothing(self, challenge, member):
        on_day(member, challenge, 0)
        for _ in range(3):
            answer = on_day(member, challenge, 1)
            assert delete_on_day(member, answer, 1).status_code == 204
        on_day(member, challenge, 1)
        assert member_state(challenge, member) == user_state(member) == (2, 2, 2, 30)

    def test_today_is_the_owners(self, challenge):
        pat = testing.make_user("Pat", timezone="Pacific/Pago_Pago")
        testing.add_member(challenge, pat)
        with clock.standing_at(moment("2026-03-02T10:30Z")):
            answer = check_in(pat, challenge)  # 03-01 there
        with clock.standing_at(moment("2026-03-02T10:59Z")):
            delete(pat, answer)
        assert user_state(pat) == (0, 0, 0, 0)

    def test_today_is_the_day_floor_after_travelling_west(self, challenge):
        kim = testing.make_user("Kim", timezone="Pacific/Kiritimati")
        testing.add_member(challenge, kim)
        answer = check_in(kim, challenge)
        testing.Api(kim).patch("/users/me", {"timezone": "Pacific/Pago_Pago"})
        delete(kim, answer)
        assert user_state(kim) == (0, 0, 0, 0)

    @pytest.mark.parametrize("status", ["left", "kicked"])
    def test_it_works_after_leaving(self, status, challenge, member):
        answer = check_in(member, challenge)
        Membership.objects.filter(user=member).update(status=status)
        assert delete(member, answer).status_code == 204
        assert member_state(challenge, member) == (0, 0, 0, 0)

    @pytest.mark.parametrize("status", ["completed", "failed", "archived"])
    def test_it_works_in_a_closed_challenge(self, status, challenge, member):
        answer = check_in(member, challenge)
        Challenge.objects.filter(pk=challenge.pk).update(status=status)
        assert delete(member, answer).status_code == 204

    def test_rows_that_do_not_count_make_no_streak(self, challenge, member):
        make_row(member, challenge, date(2026, 3, 1), status="rejected")
        delete(member, check_in(member, challenge))
        assert user_state(member)[:2] == (0, 0)


class TestAccess:
    def test_it_is_its_owners_alone__hc26(self, challenge, member, owner, outsider):
        answer = check_in(member, challenge)
        for other in (owner, outsider):
            assert code(delete(other, answer)) == (403, "not_owner")
        assert CheckIn.objects.count() == 1

    def test_an_unknown_one_is_not_found(self, as_member):
        assert code(as_member.delete(f"/checkins/{NOBODY}")) == (404, "checkin_not_found")

    def test_it_needs_a_token(self, anonymous):
        assert code(anonymous.delete(f"/checkins/{NOBODY}")) == (401, "authentication_required")


class TestCost:
    @pytest.mark.parametrize("size", [2, 20])
    def test_it_is_twelve_statements_cold_however_much_there_is(
        self, size, challenge, member, django_assert_num_queries
    ):
        api, id = self.prepare(size, challenge, member)
        testing.forget()
        with django_assert_num_queries(12):
            assert api.delete(f"/checkins/{id}").status_code == 204
        assert member_state(challenge, member)[0] == size - 1

    @pytest.mark.parametrize("size", [2, 20])
    def test_it_is_as_many_warm_and_the_look_that_follows_is_none(
        self, size, challenge, member, django_assert_num_queries
    ):
        api, id = self.prepare(size, challenge, member)
        before = api.get("/users/me").json()["stats"]["points"]
        with django_assert_num_queries(12):
            assert api.delete(f"/checkins/{id}").status_code == 204
        with django_assert_num_queries(0):
            assert api.get("/users/me").json()["stats"]["points"] < before

    def prepare(self, size, challenge, member):
        others = [testing.make_user() for _ in range(5)]
        for back in range(1, size):
            make_row(member, challenge, TODAY.date() - back * DAY)
            for other in others:
                make_row(other, challenge, TODAY.date() - back * DAY)
        id, api = check_in(member, challenge).json()["checkin"]["id"], testing.Api(member)
        Membership.objects.filter(user=member).update(total_checkins=size, points_earned=10 * size)
        return api, id
