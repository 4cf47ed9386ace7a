import pytest

from locustfiles.tests import runs
from locustfiles.verdict import INVALID, PASSED, judge


def judged(found=None, **changes):
    return judge(runs.run(found, **changes), runs.wanted())


class TestDoubts:
    """Each of them alone makes a run invalid whose numbers are good."""

    @pytest.mark.parametrize(
        ("changes", "word"),
        [
            ({"health": None}, "/health did not answer"),
            ({"health": {"environment": "development"}}, "environment is development, not load"),
            ({"build": {}}, "build is not known, not abc"),
            ({"build": runs.facts()["build"] | {"build": "abd"}}, "build is abd, not abc"),
            ({"build": runs.facts()["build"] | {"build": "abc and abd"}}, "build is abc and abd"),
            ({"build": runs.facts()["build"] | {"debug": "on"}}, "debug is on"),
            ({"build": runs.facts()["build"] | {"profiler": "on"}}, "profiler is on"),
            ({"build": runs.facts()["build"] | {"toolbar": "on"}}, "toolbar is on"),
            ({"server": {"commit": "bad", "expected_commit": "c0ffee"}}, "commit is bad, not c0ffee"),
            ({"counters": {}}, "/metrics did not answer"),
            ({"counters": {"before": runs.counted(), "after": {}}}, "/metrics did not answer"),
            ({"warm_up_reached": False}, "before its warm-up"),
            ({"cpu": {"generator": 80.5}}, "the generator used 80.5 % of a core"),
            ({"clock_drift_ms": 51.0}, "the wall clock moved"),
            ({"unknown": ["memory_mb: not known"]}, "memory_mb: not known"),
            ({"script_errors": ["KeyError: 'id'"]}, "the load script failed: KeyError"),
        ],
    )
    def test_it_is_invalid(self, changes, word):
        found = judged(**changes)
        assert found.code == INVALID
        assert word in found.reasons[0]

    def test_a_generator_at_its_limit_is_believed(self):
        assert judged(cpu={"generator": 80.0}).code == PASSED

    def test_a_server_that_was_started_by_hand_has_no_commit_to_compare(self):
        assert judged(server={}).code == PASSED

    def test_too_few_requests_are_invalid(self):
        found = judged(runs.samples(*[20] * 99))
        assert (found.code, found.reasons) == (INVALID, ["GET /api/v1/users/me: 99 requests are fewer than 100"])

    def test_invalid_wins_over_missed_and_tells_both(self):
        found = judged(runs.samples(*[500] * 99))
        assert found.code == INVALID
        assert [reason.rpartition(" ")[2] for reason in found.reasons] == ["100", "200"]


class TestClocks:
    @pytest.mark.parametrize(
        ("place", "changes"),
        [
            ("after the end", {"start": runs.SECONDS + 5}),
            ("before the begin", {"start": -5.0}),
            ("negative", {"ms": -1.0}),
        ],
    )
    def test_a_sample_outside_of_the_run_is_clock_trouble(self, place, changes):
        found = judged([*runs.samples(*[20] * 300), runs.samples(20)[0]._replace(**changes)])
        assert found.code == INVALID
        assert "1 samples lie outside of the run or out of order" in found.reasons[0]

    def test_ends_that_go_back_are_clock_trouble(self):
        run = runs.run()
        disordered = run._replace(samples=[*run.samples[150:], *run.samples[:150]])
        assert judge(disordered, runs.wanted()).code == INVALID
