"""The arithmetic of bin/bench. That server and floor answer the same bytes, each bench proves for itself."""

import os
import sys
import time
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "bin" / "lib"))
import bench_floor  # noqa: E402
import bench_phases  # noqa: E402
import bench_report  # noqa: E402
import bench_sizes  # noqa: E402
import meters  # noqa: E402
from generator import Result  # noqa: E402
from meters import Reading  # noqa: E402
from serve import cores  # noqa: E402

MS = 1_000_000


def phase(count: int, seconds: float, milliseconds: int, cpu: float | None = 0.0) -> tuple[Result, Reading]:
    latencies = [milliseconds * MS] * count
    result = Result(answers=count, body_bytes=10 * count, seconds=seconds, latencies=latencies)
    return result, Reading(cpu, cpu, 2 * count, 4 * count, 0)


class TestSummary:
    def test_it_works(self):
        made = bench_phases.summary([phase(100, 1, 10, cpu=0.01), phase(300, 1, 20, cpu=0.03)])
        assert (made["rate"], made["p50_ms"], made["p95_ms"]) == (200, 20, 20)
        assert (made["statements"], made["round_trips"], made["redis"], made["bytes"]) == (2, 4, 0, 10)
        assert made["server_us"] == made["database_us"] == pytest.approx(100)

    def test_cpu_that_cannot_be_read_is_unknown(self):
        made = bench_phases.summary([phase(10, 1, 1, cpu=None)])
        assert made["server_us"] is None
        assert bench_phases.ratios(made, made)["cpu"] is None

    def test_a_busy_moment_does_not_move_the_ratio(self):
        server = bench_phases.summary([phase(50, 1, 20, 0.1), phase(5, 1, 900, 0.1), phase(50, 1, 20, 0.1)])
        floor = bench_phases.summary([phase(100, 1, 10, 0.1)] * 3)
        assert bench_phases.ratios(server, floor) == {"rate": 0.5, "p95_ms": 2, "cpu": 2}

    def test_it_tells_what_others_took(self):
        result, _ = phase(10, 1, 1)
        cost = Reading(0.25, 0.25, 1, 1, 0, machine_cpu=1.0, clock=1.0)
        assert bench_phases.others([(result, cost)]) == pytest.approx(0.5 / cores())
        row = {"server": {"others": 0.02}, "floor": {"others": 0.3}}
        assert "2-30 %" in bench_report.others_line([row], ["server", "floor"])
        assert bench_report.others_line([row], ["server"]) == ""

    def test_a_percentile_was_measured(self):
        hundred = list(range(1, 101))
        assert [bench_phases.percentile(hundred, percent) for percent in (50, 95, 100)] == [50, 95, 100]
        assert bench_phases.percentile([7], 95) == 7


class TestVerdicts:
    def row(self, rate: float, p95: float) -> dict:
        return {"name": "me", "endpoint": "GET /users/me", "mode": "cold", "ratio": {"rate": rate, "p95_ms": p95}}

    def test_it_works(self):
        assert bench_floor.judged([self.row(0.42, 2.5)])["missed"] == 0

    def test_it_tells_a_miss(self):
        judged = bench_floor.judged([self.row(0.41, 2.6)])
        assert judged["missed"] == 2
        assert bench_report.target_line(judged["targets"][0]).startswith("MISSED GET /users/me: requests/s 0.410")

    def test_endpoints_without_target_have_no_verdict(self):
        assert bench_floor.judged([self.row(0.1, 9) | {"name": "feed"}]) == {"targets": [], "missed": 0}


class TestChange:
    def test_it_works(self):
        assert bench_report.change(200, 250, ",.0f") == "200 > 250 +25%"

    def test_what_reads_the_same_did_not_change(self):
        assert bench_report.change(0.501, 0.502, ".2f") == "0.50"

    def test_what_was_not_measured_is_unknown(self):
        assert bench_report.change(None, 2, ".2f") == "?"


class TestLikeness:
    def request(self, length: int, memberships: int = 1) -> dict:
        return {"answer": b'{"total": 1}'.ljust(length), "memberships": memberships}

    def test_it_works(self):
        candidates = [self.request(length) for length in (20, 100, 300)]
        assert bench_sizes.alike([self.request(110)], candidates, most=2) == [candidates[1], candidates[0]]

    def test_it_looks_for_people_in_as_many_challenges(self):
        candidates = [self.request(100, 50), self.request(100, 3)]
        assert bench_sizes.alike([self.request(100, 4)], candidates, most=1) == [candidates[1]]


class TestMeters:
    def test_it_reads_cpu_of_this_process(self):
        before, until = meters.cpu_seconds(os.getpid()), time.process_time() + 0.1
        while time.process_time() < until:
            pass
        assert before is None or 0.05 <= meters.cpu_seconds(os.getpid()) - before < 5

    def test_it_counts_commands_without_its_own(self):
        lines = ("# Commandstats", "cmdstat_get:calls=7,usec=1", "cmdstat_info:calls=9,u=1", "cmdstat_mget:calls=2,u=1")
        assert meters.counted("\r\n".join(lines)) == 9

    def test_an_unknown_cpu_time_stays_unknown(self):
        assert Reading(None, 2.0, 5, 6, 7).since(Reading(None, 1.0, 1, 1, 1))[:5] == (None, 1.0, 4, 5, 6)
