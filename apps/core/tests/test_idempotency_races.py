"""Equal calls with one key at once, and calls that die: real threads, real transactions."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from apps import testing
from apps.accounts.tests.people import at_once
from apps.challenges.models import Challenge
from apps.checkins import statements
from apps.checkins.models import CheckIn
from apps.checkins.tests.steps import assert_counters_are_exact
from apps.core import clock, idempotency
from apps.core.models import IdempotencyKey
from apps.core.tests.valkey import wait_until

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_deadlock")]
ROUNDS, GATE = 4, 20_388
BUSY = (409, "request_in_progress")


def calling(user, body, key="k", path="/checkins"):
    """A call with a key; its token is made before the race."""
    api = testing.Api(user)
    return lambda: api.post(path, body, headers={"Idempotency-Key": key})


def of(challenge, habit=0):
    return {"challenge_id": challenge.id, "habit_id": testing.HABITS[habit]}


def outcome(answer):
    return answer.status_code, answer.json().get("code")


def is_replay(answer) -> bool:
    return "Idempotent-Replayed" in answer.headers


class TestSameKeyAtOnce:
    def test_one_has_the_effect_and_the_others_wait_or_are_told_of_it__hc38(self, owner):
        """The first check-in of its date, too: it begins again with the challenge's row to itself."""
        for round in range(ROUNDS):
            challenge = testing.make_challenge(owner)
            answers = at_once(*[calling(owner, of(challenge), f"k{round}")] * 10)
            assert {outcome(answer) for answer in answers} <= {(201, None), BUSY}
            assert sum(answer.status_code == 201 and not is_replay(answer) for answer in answers) == 1
            assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
            assert CheckIn.objects.filter(challenge=challenge).count() == 1
            assert is_replay(calling(owner, of(challenge), f"k{round}")())
        assert IdempotencyKey.objects.count() == ROUNDS
        assert_counters_are_exact()

    def test_challenges_are_created_once__hc38(self, owner):
        day = clock.now().date()
        body = {"name": "Run", "habit_ids": [testing.HABITS[0]], "start_date": day, "end_date": day + 9 * clock.DAY}
        for round in range(ROUNDS):
            answers = at_once(*[calling(owner, body, f"k{round}", "/challenges")] * 8)
            assert {outcome(answer) for answer in answers} <= {(201, None), BUSY}
            assert Challenge.objects.count() == round + 1

    def test_another_body_at_once_has_no_effect__hc38(self, owner):
        for round in range(ROUNDS):
            challenge = testing.make_challenge(owner)
            calls = [calling(owner, of(challenge, habit), f"k{round}") for habit in (0, 1)]
            answers = at_once(*calls * 3)
            assert {outcome(answer) for answer in answers} <= {(201, None), (422, "idempotency_key_reused"), BUSY}
            assert CheckIn.objects.filter(challenge=challenge).count() == 1

    def test_other_users_are_independent__hc38(self, owner):
        for round in range(ROUNDS):
            crowd = [testing.make_user() for _ in range(5)]
            challenge = testing.make_challenge(owner, *crowd)
            answers = at_once(*[calling(user, of(challenge), f"k{round}") for user in crowd])
            assert [outcome(answer) for answer in answers] == [(201, None)] * 5
        assert_counters_are_exact()

    def test_other_keys_meet_the_rules_of_the_effect(self, owner):
        for _ in range(ROUNDS):
            challenge = testing.make_challenge(owner)
            answers = at_once(*[calling(owner, of(challenge), f"k{number}") for number in range(6)])
            codes = sorted((outcome(answer) for answer in answers), key=str)
            assert codes == [(201, None)] + [(400, "already_checked_in")] * 5
            IdempotencyKey.objects.all().delete()
        assert_counters_are_exact()


class TestUnderWay:
    """The first call waits inside its transaction for a row that the test holds."""

    def test_the_second_is_told_so_at_once__hc38(self, owner, challenge):
        call = calling(owner, of(challenge))
        with ThreadPoolExecutor(1) as thread:
            with held(challenge) as cursor:
                first = thread.submit(closing, call)
                pid = waiter(cursor)
                assert outcome(call()) == BUSY
            assert first.result(timeout=10).status_code == 201
        assert pid and is_replay(call())

    def test_one_that_dies_frees_the_key_and_leaves_nothing(self, owner, challenge):
        call = calling(owner, of(challenge))
        with ThreadPoolExecutor(1) as thread, held(challenge) as cursor:
            first = thread.submit(closing, call)
            cursor.execute("SELECT pg_terminate_backend(%s)", [waiter(cursor)])
            assert outcome(first.result(timeout=10)) == (503, "service_unavailable")
        assert (CheckIn.objects.count(), IdempotencyKey.objects.count()) == (0, 0)
        again = call()
        assert again.status_code == 201 and not is_replay(again)
        assert_counters_are_exact()

    def test_an_answer_that_commits_between_the_look_and_the_lock_is_found(self, owner, challenge):
        """The one moment in which the lock is free and the answer was not seen: the effect is undone."""
        first, second = calling(owner, of(challenge)), calling(owner, of(challenge))
        waiting = f"(SELECT pg_advisory_xact_lock_shared({GATE})) AS one"
        late = intercepting(idempotency.CLAIM, lambda sql: sql.replace("(VALUES (1)) AS one", waiting), second)
        with ThreadPoolExecutor(1) as thread, connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [GATE])
            later = thread.submit(closing, late)
            waiter(cursor)  # it has looked, and has not locked yet
            assert first().status_code == 201
            cursor.execute("SELECT pg_advisory_unlock(%s)", [GATE])
            answer = later.result(timeout=10)
        assert (answer.status_code, is_replay(answer)) == (201, True)
        assert CheckIn.objects.count() == 1
        assert_counters_are_exact()

    def test_two_that_must_begin_again_do_not_wait_for_each_other(self, owner, member, challenge):
        """Both find that they are the first of the date, and have had the challenge's shared lock."""
        both_began_again = threading.Barrier(2)

        def meet(sql):
            both_began_again.wait(10)
            return sql

        calls = [intercepting(statements.SCENE_ALONE, meet, calling(user, of(challenge))) for user in (owner, member)]
        assert [outcome(answer) for answer in at_once(*calls)] == [(201, None)] * 2
        assert_counters_are_exact()


def intercepting(statement, change, call):
    """`call`, with what its thread executes changed once: the first time that it is this statement."""

    def wrapper(execute, sql, params, many, context):
        if sql == statement and wrapper in connection.execute_wrappers:
            connection.execute_wrappers.remove(wrapper)
            sql = change(sql)
        return execute(sql, params, many, context)

    def intercepted():
        connection.execute_wrappers.append(wrapper)
        return call()

    return intercepted


class held:
    """The challenge's row, as a write that has not ended yet."""

    def __init__(self, challenge):
        self.challenge, self.atomic = challenge, transaction.atomic()

    def __enter__(self):
        self.atomic.__enter__()
        cursor = connection.cursor()
        cursor.execute("SELECT FROM challenges WHERE id = %s FOR UPDATE", [self.challenge.id])
        return cursor

    def __exit__(self, *error):
        return self.atomic.__exit__(*error)


def waiter(cursor) -> int:
    """The backend that waits for this one."""
    found = []

    def look() -> bool:
        cursor.execute("SELECT pid FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))")
        found[:] = cursor.fetchall()
        return bool(found)

    wait_until(look)
    return found[0][0]


def closing(call):
    try:
        return call()
    finally:
        connection.close()
