"""Two machines, members who go on living, and a challenge that cannot be ended: real threads on the real database."""

import pytest
from django.db import connection
from psycopg import ClientCursor

from apps import testing
from apps.accounts.tests.people import at_once
from apps.challenges.tests.endings import complete, counts, ended, successes, waiting
from apps.challenges.tests.steps import people, stored
from apps.jobs.models import JobRun
from apps.jobs.services import run_job
from apps.notifications.models import Notification
from apps.profiling.audit import differences

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("noon")]


class TestAtOnce:
    def test_two_machines_do_it_once(self, owner, member):
        for number in range(2):
            ended(owner, member)
            waiting(owner, member)
            runs = at_once(*[complete] * 4)
            complete()  # what each of them left to the others
            assert max(run["completed"] for run in runs) <= 1
            assert Notification.objects.filter(user=member).count() == 2 * (number + 1)
            assert [successes(owner), successes(member)] == [number + 1] * 2
        assert not JobRun.objects.filter(outcome="failed").exists()

    def test_it_and_its_members_do_not_wait_for_each_other(self, owner, member):
        """Checking in, leaving and joining while challenges end: no deadlock, no count lost."""
        apis = [testing.Api(user) for user in people(4)]
        for _ in range(2):
            over = [ended(owner, member) for _ in range(6)]
            running = testing.make_challenge(owner, max_members=50)

            def live(api, running=running):
                api.post("/challenges/join", {"invite_code": running.invite_code})
                api.post("/checkins", {"challenge_id": running.pk, "habit_id": testing.HABITS[0]})
                return api.post(f"/challenges/{running.pk}/leave").status_code

            *answers, first, second = at_once(*[lambda api=api: live(api) for api in apis], complete, complete)
            rest = complete()
            assert set(answers) == {200}
            assert first["completed"] + second["completed"] + rest["completed"] == len(over)
        assert [successes(owner), successes(member)] == [12, 12]
        assert not JobRun.objects.filter(outcome="failed").exists()
        assert [one for one in differences() if "total_challenges_completed" in one.value] == []

    def test_a_batch_that_fails_leaves_the_rest(self, owner, monkeypatch):
        """One challenge cannot be ended: its batch is halved until it is alone."""
        monkeypatch.setattr("apps.challenges.jobs.CLOSED_AT_ONCE", 4)
        challenges = [ended(owner) for _ in range(10)]
        poisoned = challenges[5]
        with refusing(poisoned):
            run = run_job("auto-complete")
        assert (run.outcome, run.counts) == ("failed", counts(completed=9))
        assert run.error.startswith("ProgrammingError: not this one")
        assert JobRun.objects.get().error == run.error
        assert stored(poisoned).status == "active"
        assert complete() == counts(completed=1)


class refusing:
    """A challenge that the database does not let go: a trigger raises."""

    def __init__(self, challenge):
        self.challenge = challenge

    def __enter__(self):
        self.run(
            f"""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION 'not this one'; END $$;
            CREATE TRIGGER refuse BEFORE UPDATE ON challenges FOR EACH ROW
                WHEN (OLD.id = '{self.challenge.pk}') EXECUTE FUNCTION refuse()
            """
        )

    def __exit__(self, *exc):
        self.run("DROP TRIGGER refuse ON challenges; DROP FUNCTION refuse()")

    def run(self, sql):
        connection.ensure_connection()
        with ClientCursor(connection.connection) as cursor:
            cursor.execute(sql)
