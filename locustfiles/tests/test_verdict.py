from pathlib import Path

import pytest

from locustfiles import verdict
from locustfiles.samples import Samples
from locustfiles.verdict import INVALID, MISSED, PASSED, Conditions, Objective, Objectives, judge

OBJECTIVES = Objectives("load", 80, {"read": Objective(200, 100), "write": Objective(200, 10)})
GOOD = Conditions("load", warm_up_cut=True, generator_cpu_percent=30.0)


def run(read: float = 20, write: float = 30, *, reads: int = 100, writes: int = 10) -> Samples:
    samples = Samples()
    for _ in range(reads):
        samples.add("read", read)
    for _ in range(writes):
        samples.add("write", write)
    return samples


class TestVerdict:
    def test_it_works(self):
        assert judge(OBJECTIVES, run(), GOOD) == (PASSED, [])

    def test_exactly_the_objective_is_met(self):
        assert judge(OBJECTIVES, run(200, 200), GOOD).code == PASSED

    @pytest.mark.parametrize("slow", [{"read": 200.1}, {"write": 250}])
    def test_one_slow_endpoint_misses(self, slow):
        found = judge(OBJECTIVES, run(**slow), GOOD)
        assert found.code == MISSED
        assert found.reasons == [f"{next(iter(slow))}: p95 is {201 if 'read' in slow else 250} ms, more than 200"]

    def test_one_failure_in_a_thousand_misses(self):
        samples = run(reads=1000)
        samples.fail("read", "500")
        assert judge(OBJECTIVES, samples, GOOD) == (MISSED, ["read: 1 failed"])

    def test_a_failed_request_without_an_objective_misses_too(self):
        samples = run()
        samples.fail("setup: GET /challenges", "404")
        assert judge(OBJECTIVES, samples, GOOD).code == MISSED

    def test_a_slow_request_without_an_objective_does_not(self):
        samples = run()
        samples.add("DELETE /checkins/{id}", 900)
        assert judge(OBJECTIVES, samples, GOOD).code == PASSED

    @pytest.mark.parametrize(
        ("changed", "word"),
        [
            ({"environment": "development"}, "environment is development"),
            ({"environment": None}, "did not answer"),
            ({"warm_up_cut": False}, "warm-up"),
            ({"generator_cpu_percent": 80.5}, "generator"),
            ({"script_error": "KeyError: 'id'"}, "KeyError"),
        ],
    )
    def test_a_doubtful_run_is_invalid(self, changed, word):
        found = judge(OBJECTIVES, run(), GOOD._replace(**changed))
        assert found.code == INVALID
        assert word in found.reasons[0]

    def test_a_generator_at_its_limit_is_believed(self):
        assert judge(OBJECTIVES, run(), GOOD._replace(generator_cpu_percent=80.0)).code == PASSED

    def test_too_few_requests_are_invalid(self):
        found = judge(OBJECTIVES, run(writes=9), GOOD)
        assert found == (INVALID, ["write: 9 requests are fewer than 10"])

    def test_invalid_wins_over_missed_and_tells_both(self):
        found = judge(OBJECTIVES, run(read=500, writes=9), GOOD)
        assert found.code == INVALID
        assert [reason.split(":")[0] for reason in found.reasons] == ["write", "read"]


class TestObjectives:
    def test_it_works(self):
        """The file says what contract 9.1 promises for its four calls."""
        declared = verdict.read(Path(verdict.__file__).with_name("objectives.toml"))
        assert {name: one.p95_ms for name, one in declared.endpoints.items()} == {
            "POST /api/v1/auth/login": 200,
            "GET /api/v1/users/me": 200,
            "GET /api/v1/challenges": 200,
            "POST /api/v1/checkins": 200,
        }
        assert (declared.environment, declared.generator_cpu_percent) == ("load", 80)
        assert [one.once_at_start for one in declared.endpoints.values()] == [True, False, False, False]
