"""POST /checkins: how many statements it makes."""

import pytest

from apps import testing
from apps.checkins.tests.steps import check_in, give_streak, make_row
from apps.core import clock
from apps.core.clock import DAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


class TestCost:
    """The principal is one statement of each, unless the cache knows it: then the check-in reads it anew."""

    def cost(self, user, challenge, assert_num, number, habit=1, status=201, warm=False):
        api = testing.Api(user)
        testing.forget()
        if warm:
            api.get("/users/me")
        with assert_num(number):
            response = api.post("/checkins", {"challenge_id": challenge.id, "habit_id": testing.HABITS[habit - 1]})
        assert response.status_code == status

    def test_it_is_three_statements_warm(self, challenge, member, owner, django_assert_num_queries):
        check_in(owner, challenge)
        self.cost(member, challenge, django_assert_num_queries, 3, warm=True)

    def test_the_look_at_the_profile_that_follows_is_none(self, challenge, member, django_assert_num_queries):
        api = testing.Api(member)
        self.cost(member, challenge, django_assert_num_queries, 6, warm=True)
        with django_assert_num_queries(0):
            assert api.get("/users/me").json()["stats"]["points"] == 10

    def test_a_repetition_is_two_statements_warm(self, challenge, member, django_assert_num_queries):
        check_in(member, challenge)
        self.cost(member, challenge, django_assert_num_queries, 2, status=400, warm=True)

    def test_it_is_three_statements(self, challenge, member, owner, django_assert_num_queries):
        check_in(owner, challenge)
        self.cost(member, challenge, django_assert_num_queries, 3)

    @pytest.mark.parametrize("others", [2, 20])
    def test_the_first_of_the_date_in_its_challenge_is_three_more(
        self, others, owner, member, django_assert_num_queries
    ):
        """The lock again with the row to itself, the new streak, in whose lists it is."""
        crowd = [testing.make_user() for _ in range(others)]
        for warm, queries in ((False, 6), (True, 6)):
            challenge = testing.make_challenge(owner, member, *crowd, max_members=50)
            self.cost(member, challenge, django_assert_num_queries, queries, warm=warm)

    def test_a_milestone_is_one_more(self, challenge, member, owner, django_assert_num_queries):
        check_in(owner, challenge)
        give_streak(member, 6)
        self.cost(member, challenge, django_assert_num_queries, 4)

    def test_an_activation_is_three_more_than_that(self, owner, member, django_assert_num_queries):
        for warm, queries in ((False, 9), (True, 9)):
            challenge = testing.make_challenge(owner, member, status="pending")
            self.cost(member, challenge, django_assert_num_queries, queries, warm=warm)

    def test_a_repetition_is_three_statements(self, challenge, member, django_assert_num_queries):
        check_in(member, challenge)
        self.cost(member, challenge, django_assert_num_queries, 3, status=400)

    @pytest.mark.parametrize("others", [2, 20])
    def test_it_does_not_depend_on_how_much_there_is(self, others, owner, member, django_assert_num_queries):
        crowd = [testing.make_user() for _ in range(others)]
        challenge = testing.make_challenge(owner, member, *crowd, max_members=50)
        for back, user in enumerate(crowd, 1):
            check_in(user, challenge)
            make_row(member, challenge, clock.now().date() - back * DAY)
        self.cost(member, challenge, django_assert_num_queries, 3)
