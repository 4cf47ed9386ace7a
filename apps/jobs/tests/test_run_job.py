"""Running a job by its name: the record, the log, the command line and the API."""

import io
import logging

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from apps import testing
from apps.jobs.models import JobRun
from apps.jobs.registry import JOBS, job
from apps.jobs.services import run_job
from apps.jobs.tally import Tally, stopping

pytestmark = pytest.mark.django_db

PATH = "/api/v1/admin/jobs/auto-complete"
# Contract part 7; refresh-stats and generate-cohorts come with what they work on.
CONTRACT = {"activate-challenges", "auto-complete", "streak-reminders", "refill-hitches", "clean-up", "send-pushes"}


@pytest.fixture
def register():
    """Adds a job for the test."""
    before = dict(JOBS)
    yield job
    JOBS.clear()
    JOBS.update(before)


@pytest.fixture
def as_staff(db):
    return testing.Api(testing.make_user("Stef", is_staff=True))


def lines(caplog):
    return [(record.levelno, record.fields) for record in caplog.records if record.name == "darezone.jobs"]


class TestJobs:
    def test_they_are_those_of_the_contract(self):
        assert JOBS.keys() == CONTRACT

    def test_they_run_when_the_contract_says(self):
        schedule = {name: one.cron for name, one in JOBS.items()}
        quarter = "*/15 * * * *"
        assert (schedule["auto-complete"], schedule["streak-reminders"]) == (quarter, quarter)
        assert (schedule["refill-hitches"], schedule["clean-up"]) == ("0 0 * * *", "0 3 * * *")
        # auto-complete begins with it.
        assert schedule["activate-challenges"] is None


class TestRun:
    def test_it_is_recorded_and_logged(self, register, caplog):
        caplog.set_level(logging.INFO)
        register("paint", counts=("walls", "doors"))(lambda tally: tally.counts.update(walls=3))
        run = run_job("paint")
        row = JobRun.objects.get()
        assert (row.name, row.outcome, row.error, row.counts) == ("paint", "done", "", {"walls": 3, "doors": 0})
        assert (row.started_at, row.duration_ms) == (run.started_at, run.duration_ms)
        assert run.message == "paint: 3 walls, 0 doors"
        fields = {"job": "paint", "ms": run.duration_ms, "outcome": "done", "walls": 3, "doors": 0}
        assert lines(caplog) == [(logging.INFO, fields)]

    def test_what_stops_it_is_recorded_and_raised(self, register, caplog):
        def fail(tally):
            tally.counts["walls"] += 1
            raise ValueError("no paint for max@example.com")

        register("paint", counts=("walls",))(fail)
        with pytest.raises(ValueError, match="no paint"):
            run_job("paint")
        row = JobRun.objects.get()
        assert (row.outcome, row.counts, row.error) == ("failed", {"walls": 1}, "ValueError: no paint for ***")
        assert [level for level, _ in lines(caplog)] == [logging.ERROR] * 2


class TestBatches:
    def batches(self, step, count=10, size=4):
        tally = Tally("paint", ("done",))
        tally.in_batches(range(count), step, size=size)
        return tally

    def test_it_takes_so_many_at_a_time_in_one_order(self):
        seen = []
        tally = Tally("paint", ("done",))
        tally.in_batches([3, 1, 2], lambda batch: seen.append(batch) or {"done": len(batch)}, size=2)
        assert (seen, tally.counts["done"], tally.errors) == ([[1, 2], [3]], 3, [])

    def test_a_row_that_fails_is_left_alone(self):
        def step(batch):
            if 6 in batch:
                raise ValueError("6")
            return {"done": len(batch)}

        tally = self.batches(step)
        assert (tally.counts["done"], tally.errors) == (9, ["ValueError: 6"])

    def test_a_busy_database_blames_no_row(self):
        calls = []

        def step(batch):
            calls.append(batch)
            if batch[0] == 4:
                raise OperationalError("lock timeout")
            return {"done": len(batch)}

        tally = self.batches(step)
        assert (len(calls), tally.counts["done"], tally.errors) == (3, 6, ["OperationalError: lock timeout"])

    def test_a_process_that_is_to_stop_begins_no_other_batch(self):
        def step(batch):
            stopping.set()
            return {"done": len(batch)}

        try:
            assert self.batches(step).counts["done"] == 4
        finally:
            stopping.clear()


class TestCommand:
    def test_it_runs_one_by_its_name(self):
        said = io.StringIO()
        call_command("run_job", "auto-complete", stdout=said)
        assert said.getvalue().startswith("auto-complete: 0 completed, 0 failed, 0 activated in ")
        assert JobRun.objects.get().name == "auto-complete"

    def test_it_fails_when_a_batch_did(self, register):
        register("paint", counts=())(lambda tally: tally.fail(ValueError("no paint")))
        with pytest.raises(CommandError, match="ValueError: no paint"):
            call_command("run_job", "paint", stdout=io.StringIO())

    def test_it_tells_what_there_is(self):
        said = io.StringIO()
        call_command("run_job", stdout=said)
        listed = dict(line.split(maxsplit=1) for line in said.getvalue().splitlines())
        assert listed.keys() == JOBS.keys()
        assert listed["send-pushes"] == "* * * * * */5 (switched off)"
        assert listed["refill-hitches"] == "0 0 * * * (switched off)"
        assert listed["activate-challenges"] == "by hand"


class TestEndpoint:
    def test_it_works(self, as_staff, owner, member):
        today = testing.clock.now().date()
        over = {"start_date": today - 10 * testing.clock.DAY, "end_date": today - 5 * testing.clock.DAY}
        testing.make_challenge(owner, member, **over)
        testing.make_challenge(owner, status="pending")
        answer = as_staff.post(PATH)
        assert answer.status_code == 200
        told = answer.json()
        assert told["data"].pop("duration_ms") >= 0
        assert told == {
            "success": True,
            "message": "auto-complete: 0 completed, 1 failed, 1 activated",
            "data": {"completed": 0, "failed": 1, "activated": 1},
        }

    def test_it_is_for_staff_only(self, as_member):
        answer = as_member.post(PATH)
        assert (answer.status_code, answer.json()) == (403, {"detail": "Staff only.", "code": "staff_only"})
        assert not JobRun.objects.exists()

    def test_it_needs_no_body_and_reads_none(self, as_staff):
        assert as_staff.raw("POST", PATH, b"{", content_type="text/plain").status_code == 200


class TestAdmin:
    def test_staff_see_what_ran_and_cannot_change_it(self, register):
        register("paint", counts=())(lambda tally: tally.fail(ValueError("no paint")))
        run = run_job("paint")
        browser = testing.staff_client()
        page = browser.get("/admin/jobs/jobrun/").content.decode()
        assert "paint" in page and "failed" in page.lower() and f">{run.duration_ms}<" in page
        one = browser.get(f"/admin/jobs/jobrun/{run.pk}/change/").content.decode()
        assert "ValueError: no paint" in one
        assert browser.post(f"/admin/jobs/jobrun/{run.pk}/delete/").status_code == 403
        assert browser.get("/admin/jobs/jobrun/add/").status_code == 403
