"""The streak of a challenge: the dates of all its check-ins, whoever made them (contract 3.2)."""

from datetime import date

import pytest

from apps import testing
from apps.challenges.models import Challenge
from apps.checkins.models import CheckIn
from apps.checkins.tests.steps import check_in, delete, moment
from apps.core import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def east():
    """It is the next date here from 10:00 UTC on."""
    return testing.make_user("Kim", timezone="Pacific/Kiritimati")


@pytest.fixture
def west():
    """It is the date before here until 11:00 UTC."""
    return testing.make_user("Pat", timezone="Pacific/Pago_Pago")


@pytest.fixture
def challenge(owner, member, east, west):
    dates = {"start_date": date(2026, 5, 1), "end_date": date(2026, 6, 30)}
    return testing.make_challenge(owner, member, east, west, **dates)


def at(user, challenge, when, habit=1):
    with clock.standing_at(moment(when)):
        response = check_in(user, challenge, habit)
    assert response.status_code == 201
    return response


def streak(challenge):
    row = Challenge.objects.get(pk=challenge.pk)
    return row.current_streak, row.last_checkin_date and row.last_checkin_date.day


class TestChallengeStreak:
    def test_it_works(self, challenge, owner, member):
        found = []
        for user, day in ((owner, 1), (member, 2), (owner, 2), (owner, 4)):
            at(user, challenge, f"2026-05-{day:02}T12:00Z")
            found.append(streak(challenge))
        assert found == [(1, 1), (2, 2), (2, 2), (1, 4)]

    def test_it_moves_at_most_once_per_date(self, challenge, owner, member):
        at(owner, challenge, "2026-05-01T12:00Z")
        moved = Challenge.objects.get(pk=challenge.pk).updated_at
        at(member, challenge, "2026-05-01T13:00Z")
        at(owner, challenge, "2026-05-01T14:00Z", habit=2)
        assert Challenge.objects.get(pk=challenge.pk).updated_at == moved

    def test_an_earlier_date_that_is_there_changes_nothing(self, challenge, east, west, owner):
        at(owner, challenge, "2026-05-09T12:00Z")
        at(east, challenge, "2026-05-09T12:00Z")  # 05-10 there
        at(west, challenge, "2026-05-09T12:00Z")  # 05-09 there
        assert streak(challenge) == (2, 10)

    def test_an_earlier_date_that_is_new_joins_the_run(self, challenge, east, west):
        at(west, challenge, "2026-05-08T12:00Z")  # 05-08 there
        at(east, challenge, "2026-05-09T12:00Z")  # 05-10 there
        assert streak(challenge) == (1, 10)
        at(west, challenge, "2026-05-09T12:00Z")  # 05-09 there
        assert streak(challenge) == (3, 10)

    def test_an_earlier_date_that_leaves_a_gap_changes_nothing(self, challenge, east, west):
        at(east, challenge, "2026-05-10T10:30Z")  # 05-11 there
        moved = Challenge.objects.get(pk=challenge.pk).updated_at
        at(west, challenge, "2026-05-10T10:30Z")  # 05-09 there
        assert streak(challenge) == (1, 11)
        assert Challenge.objects.get(pk=challenge.pk).updated_at == moved

    def test_check_ins_of_former_members_count(self, challenge, owner, member):
        at(member, challenge, "2026-05-01T12:00Z")
        challenge.memberships.filter(user=member).update(status="left")
        at(owner, challenge, "2026-05-02T12:00Z")
        assert streak(challenge) == (2, 2)

    def test_a_deletion_is_followed(self, challenge, owner, member):
        first = at(owner, challenge, "2026-05-01T12:00Z")
        second = at(member, challenge, "2026-05-02T12:00Z")
        also = at(owner, challenge, "2026-05-02T12:00Z")
        at(owner, challenge, "2026-05-03T12:00Z")
        found = []
        for user, answer in ((member, second), (owner, also), (owner, first)):
            with clock.standing_at(moment("2026-05-03T13:00Z")):
                delete(user, answer)
            found.append(streak(challenge))
        assert found == [(3, 3), (1, 3), (1, 3)]

    def test_it_ends_with_its_last_check_in(self, challenge, owner):
        answer = at(owner, challenge, "2026-05-01T12:00Z")
        with clock.standing_at(moment("2026-05-01T13:00Z")):
            delete(owner, answer)
        assert (streak(challenge), CheckIn.objects.count()) == ((0, None), 0)

    def test_an_earlier_date_costs_no_more_than_a_later_one(self, challenge, east, west, django_assert_num_queries):
        at(east, challenge, "2026-05-09T12:00Z")
        with clock.standing_at(moment("2026-05-09T12:00Z")):
            api = testing.Api(west)
            body = {"challenge_id": challenge.id, "habit_id": testing.HABITS[0]}
            # The principal, the shared lock, an insert that steps back, the lock alone, the insert, the days, the new
            # streak, for it is longer, and in whose lists it is.
            with django_assert_num_queries(8):
                assert api.post("/checkins", body).status_code == 201
