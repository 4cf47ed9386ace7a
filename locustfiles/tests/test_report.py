import json

from locustfiles import report
from locustfiles.samples import Samples
from locustfiles.verdict import Conditions, Objective, Objectives, judge

OBJECTIVES = Objectives("load", 80, {"GET /a": Objective(200, 2), "GET /unused": Objective(200, 0)})
FACTS = {"users": 3, "measured_seconds": 1.5}


def samples() -> Samples:
    made = Samples()
    for milliseconds in (10, 20, 300):
        made.add("GET /a", milliseconds)
    made.add("setup: GET /b", 5)
    made.fail("GET /a", "500: [oops]")
    return made


class TestReport:
    def test_it_works(self, capsys):
        verdict = judge(OBJECTIVES, samples(), Conditions("load", True, 10))
        report.show(OBJECTIVES, samples(), verdict, FACTS)
        out = capsys.readouterr().out
        for text in ("GET /a", "300", "setup: GET /b", "1 x GET /a: 500: [oops]", "measured seconds 1.5", "MISSED"):
            assert text in out

    def test_it_lists_objectives_first_and_in_their_order(self):
        assert [row["name"] for row in report.rows(OBJECTIVES, samples())] == ["GET /a", "GET /unused", "setup: GET /b"]

    def test_a_request_that_only_failed_has_a_row(self):
        made = samples()
        made.fail("DELETE /c", "timeout")
        assert report.rows(OBJECTIVES, made)[2]["name"] == "DELETE /c"

    def test_it_writes_the_same_as_json(self, tmp_path):
        verdict = judge(OBJECTIVES, samples(), Conditions("load", True, 10))
        report.write(tmp_path / "result.json", OBJECTIVES, samples(), verdict, FACTS)
        result = json.loads((tmp_path / "result.json").read_text())
        assert (result["verdict"], result["exit_code"], result["users"]) == ("missed", 1, 3)
        assert result["endpoints"][0] == {
            **{"name": "GET /a", "requests": 3, "failures": 1, "p50": 20, "p95": 300, "p99": 300},
            "p95_objective": 200,
        }
        assert result["errors"] == [{"name": "GET /a", "reason": "500: [oops]", "count": 1}]
