import pytest

from locustfiles import record
from locustfiles.checks import MET, MISSED, NOTE, TARGET, UNCLEAR
from locustfiles.tests import runs
from locustfiles.verdict import INVALID, NOT_PASSED, PASSED, Verdict, breaches, judge


def verdict(
    times: list[float] | None = None, *, strict: bool = False, wanted: dict | None = None, **changes
) -> Verdict:
    found = None if times is None else runs.samples(*times)
    return judge(runs.run(found, **changes), runs.wanted(**wanted or {}), strict=strict)


class TestVerdict:
    def test_it_works(self):
        found = verdict()
        assert (found.code, found.word, found.reasons) == (PASSED, "PASSED", [])
        assert {check.state for check in found.checks} == {MET}

    def test_exactly_the_limit_is_met(self):
        assert verdict([200] * 300).code == PASSED

    def test_a_tenth_of_a_millisecond_more_is_not(self):
        assert verdict([200.1] * 300).reasons == ["GET /api/v1/users/me: p95 ms is 201, more than 200"]

    def test_a_clear_miss_misses(self):
        assert verdict([20] * 250 + [500] * 50).code == NOT_PASSED

    @pytest.mark.parametrize("slow", [12, 17])
    def test_what_nobody_can_tell_is_no_pass_and_no_miss(self, slow):
        """p95 of 300 is the 16th slowest: 12 slow ones leave it fast and 17 make it slow, but neither for certain."""
        found = verdict([20] * (300 - slow) + [500] * slow)
        assert found.code == INVALID
        assert "300 requests cannot tell whether over 200" in found.reasons[0]

    def test_few_slow_ones_are_no_doubt(self):
        assert verdict([20] * 293 + [500] * 7).code == PASSED

    def test_what_was_not_measured_is_not_judged(self):
        slow = runs.samples(*[900] * 300, phase="warmup", begin=0)
        found = judge(runs.run([*slow, *runs.samples(*[20] * 300)]), runs.wanted())
        assert found.code == PASSED

    def test_what_happens_once_at_the_start_is(self):
        log_ins = runs.samples(*[900] * 100, route=runs.LOGIN, phase="ramp", begin=0)
        wanted = runs.wanted(declared={runs.LOGIN: {"minimum": 59, "once_at_start": True}})
        assert judge(runs.run([*log_ins, *runs.samples(*[20] * 300)]), wanted).code == NOT_PASSED

    def test_a_route_that_nobody_declared_has_the_general_limits(self):
        found = [*runs.samples(*[20] * 300), *runs.samples(*[400] * 100, route="GET /api/v1/habits")]
        assert judge(runs.run(found), runs.wanted()).code == NOT_PASSED

    @pytest.mark.parametrize(
        ("few", "code"), [([20] * 60 + [400] * 4, PASSED), ([20] * 10 + [400] * 10, NOT_PASSED), ([400] * 19, PASSED)]
    )
    def test_of_few_requests_only_what_is_certain_counts(self, few, code):
        """Four of 64 may be chance; that half of twenty are slow is none."""
        found = [*runs.samples(*[20] * 300), *runs.samples(*few, route="GET /api/v1/habits")]
        assert judge(runs.run(found), runs.wanted()).code == code

    def test_of_many_a_doubt_counts(self):
        found = [*runs.samples(*[20] * 300), *runs.samples(*[20] * 190, *[400] * 10, route="GET /api/v1/habits")]
        assert judge(runs.run(found), runs.wanted()).code == INVALID

    def test_set_up_may_be_slow(self):
        found = [*runs.samples(*[20] * 300), *runs.samples(*[400] * 100, route="setup: GET /api/v1/habits")]
        assert judge(runs.run(found), runs.wanted()).code == PASSED


class TestFailures:
    @pytest.mark.parametrize("phase", ["ramp", "warmup", "measured"])
    @pytest.mark.parametrize("route", [runs.READ, "GET /api/v1/habits", "setup: GET /api/v1/challenges"])
    def test_one_misses_wherever_it_happens(self, phase, route):
        found = [*runs.samples(*[20] * 1000), *runs.samples(5, route=route, phase=phase, problem="500: oops")]
        verdict = judge(runs.run(found), runs.wanted())
        assert (verdict.code, verdict.reasons) == (NOT_PASSED, [f"{route}: 1 failed"])

    def test_other_work_excuses_none(self):
        found = [*runs.samples(*[20] * 300), *runs.samples(5, problem="500: oops")]
        assert judge(runs.run(found, cpu={"foreign_share": 90.0}), runs.wanted()).code == NOT_PASSED

    def test_fast_refusals_of_a_dead_server_do_not_pass(self):
        """Seen with stock Locust: everything fails, p95 is 30 ms."""
        found = judge(runs.run(runs.samples(*[1] * 300, problem="0: refused"), counters={}), runs.wanted())
        assert found.code == INVALID
        assert f"{runs.READ}: 300 failed" in found.reasons


class TestCounters:
    def counters(self, **after) -> dict:
        return {"before": runs.counted(), "after": runs.counted(**after)}

    def test_statements_over_the_ceiling_miss(self):
        found = verdict(counters=self.counters(requests=300, statements=660, hits=10))
        assert found.code == NOT_PASSED
        assert found.reasons == ["GET /api/v1/users/me: SQL statements a request is 2.2, 2 was asked"]

    def test_the_ceiling_itself_is_met(self):
        assert verdict(counters=self.counters(requests=300, statements=600, hits=10)).code == PASSED

    def test_what_was_counted_before_does_not_count(self):
        before = runs.counted(requests=10, statements=9_000, hits=5)
        after = runs.counted(requests=310, statements=9_300, hits=50)
        assert verdict(counters={"before": before, "after": after}).code == PASSED

    def test_a_cold_cache_misses(self):
        found = verdict(counters=self.counters(requests=300, hits=100, misses=101))
        assert (found.code, found.reasons) == (NOT_PASSED, ["the run: cache hit ratio is 0.498, 0.5 was asked"])

    def test_routes_that_nobody_asked_for_are_not_judged(self):
        counters = self.counters(route="/api/v1/checkins", requests=300, statements=9_000, hits=1)
        assert verdict(counters=counters).code == PASSED


class TestTargets:
    def test_they_are_shown_and_decide_nothing(self):
        found = verdict([90] * 300)
        assert (found.code, found.reasons) == (PASSED, [])
        assert [check.state for check in found.of(TARGET)] == [MISSED]

    def test_strictly_they_decide(self):
        found = verdict([90] * 300, strict=True)
        assert (found.code, found.reasons) == (NOT_PASSED, ["GET /api/v1/users/me: p95 ms is 90, more than 50"])

    def test_strictly_a_doubtful_one_is_no_pass(self):
        assert verdict([20] * 284 + [90] * 16, strict=True).code == INVALID


class TestOtherWork:
    """It makes answers slower, never faster."""

    def test_it_takes_no_pass_away(self):
        found = verdict(cpu={"generator": 30.0, "foreign_share": 60.0})
        assert found.code == PASSED
        assert [check.state for check in found.of(NOTE)] == [UNCLEAR]

    def test_what_is_slow_meanwhile_is_invalid_and_not_missed(self):
        found = verdict([900] * 300, cpu={"generator": 30.0, "foreign_share": 60.0})
        assert found.code == INVALID
        assert "while other work took 60.0 % of the machine" in found.reasons[0]

    @pytest.mark.parametrize(("statements", "code"), [(300, PASSED), (600, INVALID), (610, NOT_PASSED)])
    def test_a_cache_that_could_not_answer_explains_what_an_empty_one_costs(self, statements, code):
        declared = {runs.READ: {"minimum": 100, "sql": 1}}
        counted = {"before": runs.counted(), "after": runs.counted(requests=300, statements=statements, hits=10)}
        run = runs.run(counters=counted, cpu={"foreign_share": 60.0})
        assert judge(run, runs.wanted(declared=declared)).code == code
        if statements > 300:
            assert judge(runs.run(counters=counted), runs.wanted(declared=declared)).code == NOT_PASSED

    def test_a_hit_ratio_is_a_doubt_meanwhile(self):
        counted = {"before": runs.counted(), "after": runs.counted(requests=300, hits=10, misses=290)}
        found = judge(runs.run(counters=counted, cpu={"foreign_share": 60.0}), runs.wanted())
        assert found.code == INVALID
        assert found.reasons[0].startswith("the run: cache hit ratio is 0.033, 0.5 was asked, while other work took")


class TestProfilesOwn:
    def test_what_a_profile_found_slow_is_blamed_on_noise_too(self):
        assert verdict(slow=["no step held"]).code == NOT_PASSED
        noisy = verdict(slow=["no step held"], cpu={"foreign_share": 60.0})
        assert (noisy.code, noisy.reasons[0]) == (INVALID, "no step held, while other work took 60.0 % of the machine")

    def test_what_a_profile_has_missed_misses(self):
        assert verdict(missed=["memory grew by 200 MB"]).reasons == ["memory grew by 200 MB"]
        assert verdict(missed=["memory grew by 200 MB"]).code == NOT_PASSED


class TestBreaches:
    def test_it_works(self):
        found = [*runs.samples(*[300] * 20), *runs.samples(5, route=runs.WRITE, problem="503")]
        assert breaches(runs.wanted(), found) == [
            f"{runs.READ}: p95 ms is 300, more than 200",
            f"{runs.WRITE}: 1 failed",
        ]

    def test_a_good_step_has_none(self):
        found = [*runs.samples(20, 30), *runs.samples(900, route=f"{record.SETUP}GET /api/v1/x")]
        assert breaches(runs.wanted(), found) == []
