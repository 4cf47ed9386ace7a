"""A service that PostgreSQL chose to end runs again, and its caller does not see it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction

from apps import testing
from apps.accounts.models import User
from apps.checkins.tests.test_races import closing_connection, is_free, posting
from apps.core.transactions import RETRIES, transactional, unless_none


class Crossing:
    """Two services that each hold the row that the other wants next."""

    def __init__(self):
        self.attempts, self.both_hold_one = 0, threading.Barrier(2)

    @transactional
    def rename(self, first: User, second: User) -> None:
        self.attempts += 1
        User.objects.filter(pk=first.pk).update(display_name="first")
        if self.attempts <= 2:
            self.both_hold_one.wait(5)
        User.objects.filter(pk=second.pk).update(display_name="second")

    def run(self, first: User, second: User) -> str:
        try:
            self.rename(first, second)
            return "done"
        finally:
            connection.close()


@pytest.mark.django_db(transaction=True)
class TestDeadlock:
    @pytest.mark.races
    def test_it_is_retried_and_unseen__hc57(self):
        one, other = testing.make_user(), testing.make_user()
        crossing = Crossing()
        with ThreadPoolExecutor(2) as threads:
            ways = [threads.submit(crossing.run, one, other), threads.submit(crossing.run, other, one)]
            assert [way.result(20) for way in ways] == ["done", "done"]
        assert crossing.attempts == 3

    @pytest.mark.races
    def test_a_call_that_is_chosen_to_end_succeeds__hc57(self, challenge, member):
        """Somebody locks in the wrong order: the user first, then the membership that the call has by then."""
        ended = []

        def noting(execute, *arguments):
            try:
                return execute(*arguments)
            except OperationalError as error:
                ended.append(type(error.__cause__).__name__)
                raise

        call = posting(member, challenge)
        with ThreadPoolExecutor(1) as thread, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL deadlock_timeout = '1min'")  # whoever looks first is the one to end
            cursor.execute("SELECT FROM users WHERE id = %s FOR UPDATE", [member.pk])
            calling = thread.submit(closing_connection, lambda: with_wrapper(noting, call))
            testing.wait_for_a_waiter()
            cursor.execute("SELECT FROM challenge_members WHERE user_id = %s FOR UPDATE", [member.pk])
            transaction.on_commit(lambda: ended.append("committed"))
        assert calling.result(10).status_code == 201
        assert sorted(ended) == ["DeadlockDetected", "committed"]  # PostgreSQL tells both at once

    def test_it_is_given_up_after_some_attempts__hc57(self):
        attempts = []

        @transactional
        def hopeless() -> None:
            attempts.append(1)
            with connection.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40P01'; END $$")

        with pytest.raises(OperationalError):
            hopeless()
        assert len(attempts) == RETRIES + 1

    def test_a_lock_that_was_not_given_is_not_asked_for_again__hc57(self):
        attempts = []

        @transactional
        def blocked() -> None:
            attempts.append(1)
            with connection.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'busy' USING ERRCODE = '55P03'; END $$")

        with pytest.raises(OperationalError):
            blocked()
        assert len(attempts) == 1


def with_wrapper(wrapper, call):
    with connection.execute_wrapper(wrapper):
        return call()


@pytest.mark.django_db(transaction=True)
class TestUnlessNone:
    @pytest.mark.parametrize(("answer", "keeps"), [(None, False), ("done", True)])
    def test_inside_a_transaction_only_an_answer_keeps_its_locks(self, answer, keeps):
        user = testing.make_user()

        def attempt():
            User.objects.select_for_update(no_key=True).only("id").get(pk=user.pk)
            return answer

        with transaction.atomic():
            assert unless_none(attempt) == answer
            assert is_free("users", user.pk) is not keeps
