import pytest

from locustfiles.answers import DOCUMENTED
from locustfiles.record import Sample
from locustfiles.tests import runs
from locustfiles.verdict import INVALID, NOT_PASSED, PASSED, judge

FAULT = {"name": "database restarted", "begin": runs.BEGIN + 30, "end": runs.BEGIN + 32}


def verdict(*extra: Sample, fault: dict = FAULT, **options):
    run = runs.run([*runs.samples(*[20] * 300), *extra], faults=[fault])
    return judge(run, runs.wanted(documented_percent=100, **options))


def at(second: float, *, problem: str = DOCUMENTED, ms: float = 5.0) -> Sample:
    return Sample(second, runs.READ, ms, 503, problem, "measured")


class TestFault:
    def test_it_works(self):
        assert verdict(at(31)).code == PASSED

    @pytest.mark.parametrize(("second", "code"), [(29, NOT_PASSED), (30, PASSED), (33.9, PASSED), (34.1, NOT_PASSED)])
    def test_a_refusal_is_excused_until_two_seconds_after_it(self, second, code):
        assert verdict(at(second)).code == code

    def test_a_request_that_was_under_way_is_excused(self):
        assert verdict(at(28, ms=2_500)).code == PASSED

    def test_any_other_failure_is_not(self):
        assert verdict(at(31, problem="500: oops")).code == NOT_PASSED

    def test_without_a_fault_no_refusal_is(self):
        found = judge(runs.run([*runs.samples(*[20] * 300), at(31)]), runs.wanted(documented_percent=100))
        assert found.code == NOT_PASSED

    def test_slow_answers_meanwhile_are_not_judged(self):
        assert verdict(*(at(31, problem="", ms=2_000) for _ in range(50))).code == PASSED

    @pytest.mark.parametrize("faults", [[], [FAULT | {"end": None}]])
    def test_one_that_did_not_happen_or_end_makes_the_run_invalid(self, faults):
        found = judge(runs.run(faults=faults), runs.wanted(faults={FAULT["name"]: 60}))
        assert (found.code, found.reasons) == (
            INVALID,
            ["database restarted: did not happen, or did not end within the run"],
        )

    def test_some_faults_may_refuse_nothing(self):
        """Without its cache the API is slower, and answers all the same."""
        found = verdict(at(31), faults={FAULT["name"]: 0})
        assert (found.code, found.reasons[0].partition(" is ")[0]) == (
            NOT_PASSED,
            "database restarted: % of requests refused as documented",
        )
