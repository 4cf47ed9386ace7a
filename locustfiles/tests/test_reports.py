import csv
import io
import json
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from locustfiles import charts, curves, record, report_page, report_table, reports, rows
from locustfiles.gate import ROOT
from locustfiles.tests import runs
from locustfiles.verdict import judge

ODD = "500: <script>alert('&')</script>"


@pytest.fixture
def run(tmp_path):
    """Two routes, a failure with markup in it, a fault, and set-up."""
    found = [
        *runs.samples(*range(1, 301)),
        *runs.samples(5, 6, route="setup: GET /api/v1/challenges"),
        *runs.samples(900, route=runs.WRITE, problem=ODD),
    ]
    fault = {"name": "database restarted", "begin": runs.BEGIN + 30, "end": runs.BEGIN + 32}
    return runs.run(found, folder=tmp_path, faults=[fault], machine={"cpu": "a & b"})


@pytest.fixture
def published(run, capsys):
    wanted = runs.wanted()
    reports.publish(run, wanted, judge(run, wanted))
    return capsys.readouterr().out


class TestTable:
    def test_it_works(self, run, published):
        for text in (runs.READ, "300", "setup: GET /api/v1/challenges", "MISSED", f"1 x {runs.WRITE}: 500: <script>"):
            assert text in published
        assert f"{run.folder}/report.html" in published

    def test_it_says_what_was_not_met(self, published):
        assert "POST /api/v1/checkins: 1 failed" in published

    def test_declared_routes_come_first_and_set_up_last(self, run):
        found = rows.of(run, runs.wanted(), judge(run, runs.wanted()))
        assert [row.route for row in found] == [runs.READ, runs.WRITE, "setup: GET /api/v1/challenges"]

    def test_what_has_too_few_requests_says_so(self, run):
        found = rows.of(run, runs.wanted(), judge(run, runs.wanted()))
        assert [row.gate for row in found] == ["missed", "missed", "met"]
        assert found[1].target == rows.TOO_FEW

    def test_errors_are_counted_by_what_was_wrong(self, run):
        assert report_table.errors(run) == {(runs.WRITE, ODD): 1}


def junit(run) -> ElementTree.Element:
    return ElementTree.parse(run.folder / "junit.xml").getroot()  # noqa: S314 - of our own making


class TestFiles:
    def test_json_has_everything(self, run, published):
        found = json.loads((run.folder / "report.json").read_text())
        assert (found["verdict"], found["exit_code"], found["headline"]["people"]) == ("missed", 1, 100)
        assert found["routes"][0] | {"rate": 0} == {
            **{"route": runs.READ, "requests": 275, "rate": 0, "failures": 0, "sent": 300, "sql": 0.5},
            **{name: found["routes"][0][name] for name in ("p50", "p95", "p99", "slowest", "gate", "target")},
        }
        assert found["errors"] == [{"route": runs.WRITE, "problem": ODD, "count": 1}]

    def test_csv_has_a_line_for_each_route(self, run, published):
        found = list(csv.DictReader(io.StringIO((run.folder / "report.csv").read_text())))
        assert [row["route"] for row in found] == [runs.READ, runs.WRITE, "setup: GET /api/v1/challenges"]

    def test_junit_has_a_case_for_each_objective(self, run, published):
        suite = junit(run)
        checks = judge(run, runs.wanted()).checks
        assert len(suite) == len(checks) == int(suite.get("tests"))
        failed = [case.get("classname") for case in suite if case.find("failure") is not None]
        assert failed == [f"loadtest.brief.{runs.READ}", f"loadtest.brief.{runs.WRITE}"]
        assert suite.get("failures") == "2"

    def test_junit_skips_targets_that_do_not_decide(self, run, published):
        suite = junit(run)
        skipped = [case.get("name") for case in suite if case.find("skipped") is not None]
        assert skipped == ["p95 ms, target 50"]

    def test_junit_calls_a_doubt_an_error(self, run):
        doubtful = run._replace(facts=run.facts | {"warm_up_reached": False})
        reports.publish(doubtful, runs.wanted(), judge(doubtful, runs.wanted()))
        suite = junit(run)
        assert [case.get("name") for case in suite if case.find("error") is not None] == ["warm-up, valid"]


class TestPage:
    def test_it_works(self, run, published):
        page = (run.folder / "report.html").read_text()
        for text in (runs.READ, "MISSED", "database restarted", "a &amp; b", "Response times of all routes"):
            assert text in page
        assert page.count("<svg") == 2 + 2  # the whole run, and the route that has enough requests

    def test_it_needs_no_network(self, run, published):
        page = (run.folder / "report.html").read_text()
        assert not [word for word in ("http://", "https://", "src=", "<link", "@import", "url(") if word in page]

    def test_what_a_server_answered_is_no_markup(self, run, published):
        page = (run.folder / "report.html").read_text()
        assert "<script>" not in page
        assert "&lt;script&gt;" in page

    def test_it_is_well_formed(self, run, published):
        page = (run.folder / "report.html").read_text()
        body = page[page.index("<body>") : page.index("</html>")]
        assert ElementTree.fromstring(body).tag == "body"  # noqa: S314 - of our own making

    def test_a_run_in_which_nothing_answered_has_one_too(self):
        nothing = runs.run([], counters={}, cpu={}, health=None, build={}, measured_begin=None, measured_end=None)
        page = report_page.page(nothing, runs.wanted(), judge(nothing, runs.wanted()))
        assert "the server&#x27;s /health did not answer" in page

    def test_steps_of_a_search_have_a_table(self, run):
        found = run._replace(facts=run.facts | {"steps": [{"users": 50, "breaches": ["p95", "failed"]}]})
        assert "p95; failed" in report_page.page(found, runs.wanted(), judge(found, runs.wanted()))


class TestCurves:
    def test_it_works(self):
        p50, p95 = curves.percentiles(runs.samples(*[10] * 190, *[50] * 10), (50, 95))
        assert {value for _, value in p50.points[:-1]} == {10}
        assert p95.points[-1][1] == 50

    def test_what_happens_only_at_the_start_has_its_points_there(self):
        log_ins = [sample._replace(start=number / 10) for number, sample in enumerate(runs.samples(*[90] * 100))]
        (line,) = curves.percentiles(log_ins, (95,))
        assert len(line.points) >= 5
        assert max(at for at, _ in line.points) < 10

    def test_a_second_in_which_nothing_happened_is_a_gap(self):
        early, late = runs.samples(*[10] * 200), runs.samples(*[10] * 200)
        found = [sample._replace(start=sample.start / 50) for sample in early]
        found += [sample._replace(start=50 + sample.start / 50) for sample in late]
        (line,) = curves.percentiles(found, (50,))
        assert None in {value for _, value in line.points}

    def test_nothing_has_no_points(self):
        assert [value for _, value in curves.percentiles([], (50,))[0].points] == [None]


class TestCharts:
    def test_ticks_are_round(self):
        assert charts.ticks(0, 237) == [0, 50, 100, 150, 200]
        assert charts.ticks(0, 0.8) == [0, 0.2, 0.4, 0.6, 0.8]

    def test_a_gap_breaks_the_curve(self):
        frame = charts.Frame(100, 100, (0, 10), (0, 10))
        assert charts.path(frame, [(0, 1), (1, 2), (2, None), (3, 1)]).count("M") == 2

    def test_a_limit_above_everything_does_not_flatten_the_curve(self):
        line = charts.Line("p95", "p95", [(0, 5.0), (10, 6.0)])
        limits = [charts.Mark("gate 200", "gate", 200)]
        assert "gate 200" not in charts.over_time([line], marks=limits, end=10, unit="ms", size=(400, 100))

    def test_what_is_not_measured_does_not_flatten_it_either(self):
        line, aside = charts.Line("p95", "p95", [(1, 900.0), (9, 6.0)]), charts.Band("warmup", charts.ASIDE, 0, 5)
        assert charts.highest([line], [aside]) == 6
        assert charts.highest([line], []) == 900

    @pytest.mark.parametrize("times", [[5.0], [0.0, 0.01], [5.0] * 10, [1.0, 30_000.0]])
    def test_a_distribution_of_anything_can_be_drawn(self, times):
        assert "<rect" in charts.distribution(times, marks=[], size=(400, 100))


class TestAgain:
    def test_a_folder_is_judged_without_a_load_test(self, run):
        """By the objectives of this checkout, which ask for more routes than it has."""
        record.write(run.folder, run.facts, run.samples)
        command = [sys.executable, "-m", "locustfiles.reports", str(run.folder)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 2, done.stderr
        assert "POST /api/v1/auth/login: 0 requests are fewer than 59" in done.stdout
