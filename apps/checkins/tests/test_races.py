"""Check-ins at once, with real threads on the real database: as if one came after the other."""

import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.db.utils import OperationalError

from apps import testing
from apps.accounts.tests.people import at_once
from apps.challenges.models import Challenge, Membership
from apps.checkins import statements
from apps.checkins.models import CheckIn
from apps.checkins.tests.steps import assert_counters_are_exact, check_in, moment
from apps.core import clock
from apps.core.clock import DAY
from apps.notifications.models import Notification

# The habits of the system come from a migration: they are put back after each of these tests.
pytestmark = [
    pytest.mark.races,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("noon", "no_deadlock"),
]

TODAY = testing.NOON
ROUNDS = 5


def days(count=ROUNDS):
    """Each round is a new day, with its clock."""
    for day in range(count):
        with clock.standing_at(TODAY + day * DAY):
            yield day


def people(count, **columns):
    return [testing.make_user(**columns) for _ in range(count)]


def posting(user, challenge, habit=1):
    """A call that checks in; its token is made before the race."""
    api = testing.Api(user)
    body = {"challenge_id": challenge.id, "habit_id": testing.HABITS[habit - 1]}
    return lambda: api.post("/checkins", body)


def statuses(answers):
    return sorted(answer.status_code for answer in answers)


class TestEqualCheckIns:
    def test_one_of_twenty_is_stored__hc30(self, challenge, member):
        for day in days():
            answers = at_once(*[posting(member, challenge)] * 20)
            assert statuses(answers) == [201] + [400] * 19
            assert {answer.json().get("code") for answer in answers} == {None, "already_checked_in"}
            assert CheckIn.objects.count() == day + 1
            assert_counters_are_exact()


class TestSeveralHabits:
    def test_four_habits_of_one_day_make_one_day__hc31(self, owner):
        challenge = testing.make_challenge(owner, habits=4)
        for day in days():
            answers = at_once(*[posting(owner, challenge, habit) for habit in range(1, 5)])
            assert statuses(answers) == [201] * 4
            assert {answer.json()["new_streak"] for answer in answers} == {day + 1}
            assert_counters_are_exact()
        assert CheckIn.objects.count() == 4 * ROUNDS
        assert Membership.objects.get().points_earned == 40 + (ROUNDS - 1) * 80

    def test_one_user_in_several_challenges_has_one_day(self, owner):
        challenges = [testing.make_challenge(owner) for _ in range(5)]
        for _ in days():
            answers = at_once(*[posting(owner, challenge, habit) for challenge in challenges for habit in (1, 2)])
            assert statuses(answers) == [201] * 10
            assert_counters_are_exact()


class TestFirstOfTheDate:
    def test_many_members_at_once_move_the_challenge_once(self, owner):
        crowd = people(12)
        challenge = testing.make_challenge(owner, *crowd, max_members=50)
        for day in days():
            assert statuses(at_once(*[posting(user, challenge) for user in crowd])) == [201] * 12
            assert Challenge.objects.get().current_streak == day + 1
            assert_counters_are_exact()

    def test_dates_of_different_zones_arrive_at_once(self, owner):
        east, west = people(4, timezone="Pacific/Kiritimati"), people(4, timezone="Pacific/Pago_Pago")
        challenge = testing.make_challenge(owner, *east, *west, start_date=TODAY.date() - 9 * DAY)
        for day in range(0, 2 * ROUNDS, 2):
            with clock.standing_at(moment("2026-03-02T10:30Z") + day * DAY):
                assert statuses(at_once(*[posting(user, challenge) for user in (*east, *west)])) == [201] * 8
            assert_counters_are_exact()

    def test_the_challenge_starts_once(self, owner):
        for _ in range(ROUNDS):
            crowd = people(8)
            challenge = testing.make_challenge(owner, *crowd, status="pending", max_members=50)
            assert statuses(at_once(*[posting(user, challenge) for user in crowd])) == [201] * 8
            assert Challenge.objects.get(pk=challenge.pk).status == "active"
            told = Notification.objects.filter(dedupe_key=f"challenge_started:{challenge.pk}")
            assert told.count() == 8, "everybody but the first"
        assert_counters_are_exact()


class TestDeleting:
    def test_a_delete_while_another_arrives__hc40(self, challenge, member, owner):
        for _ in days(2 * ROUNDS):
            created = check_in(member, challenge, 1).json()["checkin"]["id"]
            api = testing.Api(member)
            answers = at_once(
                lambda api=api, created=created: api.delete(f"/checkins/{created}"),
                posting(member, challenge, 2),
                posting(member, challenge, 1),
                posting(owner, challenge, 1),
            )
            assert [answer.status_code for answer in (answers[0], answers[1], answers[3])] == [204, 201, 201]
            assert answers[2].status_code in (201, 400)
            assert_counters_are_exact()

    def test_one_of_several_deletes_takes_it_back__hc40(self, challenge, member):
        for _ in days():
            api, created = testing.Api(member), check_in(member, challenge).json()["checkin"]["id"]
            answers = at_once(*[lambda api=api, created=created: api.delete(f"/checkins/{created}")] * 8)
            assert statuses(answers) == [204] + [404] * 7
            assert_counters_are_exact()


class TestClosing:
    """Nothing is stored once a closing, a leave or a kick has answered."""

    def closed_by(self, close, challenge, users):
        """Runs `close` among check-ins of `users`; the rows of the challenge when it had answered, and at the end."""

        def closing():
            response = close()
            return response.status_code, CheckIn.objects.filter(challenge=challenge, user__in=users).count()

        calls = [posting(user, challenge, habit) for user in users for habit in range(1, 5)]
        answers = at_once(*calls[::2], closing, *calls[1::2])
        (status, count) = next(answer for answer in answers if isinstance(answer, tuple))
        posted = [answer for answer in answers if not isinstance(answer, tuple)]
        assert status in (200, 204)
        assert count == CheckIn.objects.filter(challenge=challenge, user__in=users).count()
        assert count == statuses(posted).count(201)
        assert_counters_are_exact()
        return {answer.json()["code"] for answer in posted if answer.status_code != 201}

    def test_an_archived_challenge_stores_nothing(self, owner):
        for _ in range(ROUNDS):
            crowd = people(4)
            challenge, api = testing.make_challenge(owner, *crowd, habits=4), testing.Api(owner)
            codes = self.closed_by(lambda: api.delete(f"/challenges/{challenge.id}"), challenge, crowd)  # noqa: B023
            assert codes <= {"challenge_closed"}

    def test_a_completed_challenge_stores_nothing(self, owner):
        for _ in range(ROUNDS):
            crowd = people(4)
            challenge, api = testing.make_challenge(owner, *crowd, habits=4), testing.Api(owner)
            complete = lambda: api.patch(f"/challenges/{challenge.id}", {"status": "completed"})  # noqa: B023, E731
            assert self.closed_by(complete, challenge, crowd) <= {"challenge_closed"}

    def test_who_has_left_stores_nothing(self, owner):
        for _ in range(ROUNDS):
            (user,) = people(1)
            challenge, api = testing.make_challenge(owner, user, habits=4), testing.Api(user)
            leave = lambda: api.post(f"/challenges/{challenge.id}/leave")  # noqa: B023, E731
            assert self.closed_by(leave, challenge, [user]) <= {"not_a_member"}

    def test_who_was_kicked_stores_nothing(self, owner):
        for _ in range(ROUNDS):
            (user,) = people(1)
            challenge, api = testing.make_challenge(owner, user, habits=4), testing.Api(owner)
            kick = lambda: api.delete(f"/challenges/{challenge.id}/members/{user.id}")  # noqa: B023, E731
            assert self.closed_by(kick, challenge, [user]) <= {"not_a_member"}

    @pytest.mark.parametrize("how", ["archive", "complete", "leave", "kick"])
    def test_it_waits_for_a_check_in_under_way(self, how, challenge, owner, member):
        path, of_owner, of_member = f"/challenges/{challenge.id}", testing.Api(owner), testing.Api(member)
        calls = {
            "archive": lambda: of_owner.delete(path),
            "complete": lambda: of_owner.patch(path, {"status": "completed"}),
            "leave": lambda: of_member.post(path + "/leave"),
            "kick": lambda: of_owner.delete(f"{path}/members/{member.id}"),
        }
        with ThreadPoolExecutor(1) as thread:
            with transaction.atomic():
                lock(challenge, member, alone=False)
                closing = thread.submit(closing_connection, calls[how])
                testing.wait_for_a_waiter()
            assert closing.result(timeout=10).status_code in (200, 204)


class TestLocks:
    """challenge -> membership -> user; the challenge shared, unless it is to change."""

    def rows(self, challenge, user):
        membership = Membership.objects.get(user=user)
        return [("challenges", challenge.id), ("challenge_members", membership.id), ("users", user.id)]

    @pytest.mark.parametrize("alone", [False, True])
    def test_it_works(self, alone, challenge, member):
        with transaction.atomic():
            lock(challenge, member, alone=alone)
            assert [is_free(*row) for row in self.rows(challenge, member)] == [False] * 3
            assert is_free("challenges", challenge.id, "SHARE") is not alone

    @pytest.mark.parametrize("alone", [False, True])
    def test_rows_are_locked_in_the_one_order(self, alone, challenge, member):
        """While the lock of one row is waited for, those behind it are still free."""
        rows = self.rows(challenge, member)
        for position, (table, id) in enumerate(rows):
            with ThreadPoolExecutor(1) as thread:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(f"SELECT FROM {table} WHERE id = %s FOR UPDATE", [id])  # noqa: S608
                    locking = thread.submit(closing_connection, lambda: lock(challenge, member, alone=alone))
                    testing.wait_for_a_waiter()
                    free = [is_free(*row) for row in rows]
                locking.result(timeout=10)
            assert free == [place > position for place in range(3)]


def lock(challenge, user, *, alone):
    ids = {"challenge_id": challenge.id, "user_id": user.id, "habit_id": testing.HABITS[0]}
    with transaction.atomic():
        assert statements.lock_scene(**ids, alone=alone)


def is_free(table, id, strength="NO KEY UPDATE"):
    """Whether another connection can lock the row at once."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(closing_connection, lambda: _locks(table, id, strength)).result(timeout=10)


def _locks(table, id, strength):
    with contextlib.suppress(OperationalError), connection.cursor() as cursor:
        cursor.execute(f"SELECT FROM {table} WHERE id = %s FOR {strength} NOWAIT", [id])  # noqa: S608
        return True
    return False


def closing_connection(call):
    try:
        return call()
    finally:
        connection.close()
