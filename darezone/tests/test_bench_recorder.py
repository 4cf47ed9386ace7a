"""What bin/bench --recorder makes of what it has measured. The servers themselves it starts only when it is run."""

import argparse
import contextlib

import pytest

import darezone.tests.deployment  # noqa: F401 - puts bin/lib on the path

import bench  # isort: skip
import bench_recorder  # isort: skip
import bench_servers  # isort: skip
import bench_servers_report  # isort: skip


def row(*, recorder: list[float] | None, control: list[float] | None) -> dict:
    return {
        "endpoint": "GET /users/me",
        "ratios": {"on": {"cpu": recorder}, "off again": {"cpu": control}},
    }


class TestVerdict:
    @pytest.mark.parametrize(
        ("recorder", "control", "met"),
        [
            (1.02, [1.0, 0.97, 1.03], True),
            (1.02, [1.0, 0.97, 1.0], True),  # noise is as far as it goes to either side
            (1.04, [1.0, 0.97, 1.03], False),
            (0.9, [1.0, 1.0, 1.0], True),
        ],
    )
    def test_it_compares_with_a_second_server_that_has_no_recorder(self, recorder, control, met):
        judged = bench_recorder.judged([row(recorder=[recorder, 0.9, 1.1], control=control)])
        assert judged["missed"] == (not met)
        line = bench_servers_report.verdict_line(judged["verdicts"][0])
        assert line.startswith("within noise" if met else "ABOVE NOISE")
        assert f"CPU x {recorder:.2f} (0.90-1.10)" in line and f"({control[1]:.2f}-{control[2]:.2f})" in line

    def test_a_machine_that_is_too_busy_tells_nothing(self):
        judged = bench_recorder.judged([row(recorder=[1.1, 1.0, 1.2], control=[1.0, 0.8, 1.1])])
        assert judged["missed"] == 1
        assert bench_servers_report.verdict_line(judged["verdicts"][0]).startswith("TOO NOISY")

    def test_of_unknown_cpu_nothing_is_said(self):
        assert bench_recorder.judged([row(recorder=None, control=None)]) == {"verdicts": [], "missed": 0}


class TestSides:
    def test_they_differ_in_the_recorder_alone(self, monkeypatch, tmp_path):
        environments = []

        @contextlib.contextmanager
        def server(folder, environment, *, options, name):
            environments.append(environment)
            yield argparse.Namespace(port=len(environments), pid=1)

        monkeypatch.setattr(bench_recorder, "server", server)
        options = argparse.Namespace(workers=2, threads=4)
        given = {"DATABASE_URL": "postgresql://here/darezone_load"}
        with bench_recorder.started(given, options, tmp_path) as sides:
            assert [side.name for side in sides] == ["off", "on", "off again"]
        of_each_process = {"PROMETHEUS_MULTIPROC_DIR"}
        first, *others = [{k: v for k, v in one.items() if k not in of_each_process} for one in environments]
        assert [dict(other.items() - first.items()) for other in others] == [{"DAREZONE_RECORDER": "true"}, {}]
        assert first["DAREZONE_RECORDER"] == "false"


class TestCommand:
    def test_phases_are_long_enough_to_hold_a_store(self, monkeypatch):
        monkeypatch.setattr("sys.argv", ["bench", "--recorder"])
        options = bench.parse()
        assert options.seconds > 10 and options.names == ["me", "challenges", "check-in"]
        monkeypatch.setattr("sys.argv", ["bench", "--recorder", "--seconds", "2", "feed"])
        assert (bench.parse().seconds, bench.parse().names) == (2, ["feed"])
        monkeypatch.setattr("sys.argv", ["bench"])
        assert bench.parse().seconds == 1.5

    def test_its_report_has_every_side(self, capsys):
        side = {"rate": 1234.0, "p50_ms": 1.5, "p99_ms": 9.5, "server_us": 800.0, "database_us": 90.0}
        side |= {"generator_us": 50.0, "others": 0.01}
        ratios = {name: dict.fromkeys(bench_servers.COMPARED, [1.01, 0.99, 1.03]) for name in ("on", "off again")}
        rows = [{"endpoint": "GET /users/me", **dict.fromkeys(bench_recorder.SIDES, side), "ratios": ratios}]
        facts = {"cores": 2, "load_before": 0.1, "python": "3.13", "postgresql": "18.6", "workers": 2, "threads": 4}
        facts |= {"connections": 100, "size": "load", "rounds": 4, "seconds": 11}
        result = {"servers": list(bench_recorder.SIDES), "facts": facts, "rows": rows, **bench_recorder.judged(rows)}
        bench_servers_report.show_recorder(result)
        said = capsys.readouterr().out
        assert "off again" in said and "within noise GET /users/me: with the recorder CPU x 1.01 (0.99-1.03)" in said
