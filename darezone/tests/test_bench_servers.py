"""What bin/bench --servers makes of what it has measured. The servers themselves it starts only when it is run."""

import os
import socket
import threading
from pathlib import Path

import pytest

from darezone.tests.deployment import serve

import bench  # isort: skip - modules of bin/lib, which deployment puts on the path
import bench_faults  # isort: skip
import bench_servers  # isort: skip
import bench_servers_report  # isort: skip
import meters  # isort: skip
from readiness import free_port  # isort: skip

REQUEST = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


def phases(*rates: float, cpu: float | None = 100.0) -> dict:
    return {"phases": [{"rate": rate, "p50_ms": 10.0, "p99_ms": 20.0, "cpu": cpu} for rate in rates]}


@pytest.fixture
def answering():
    """The port of a server that gives each connection the next of these answers, and closes it."""
    listening = socket.create_server(("127.0.0.1", 0))
    answers = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 503 Away\r\nContent-Length: 4\r\n\r\naway",
        b"",
    ]

    def serve_them() -> None:
        for answer in answers:
            connection, _ = listening.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(answer)

    thread = threading.Thread(target=serve_them)
    thread.start()
    yield listening.getsockname()[1]
    thread.join()
    listening.close()


class TestCompared:
    def test_it_is_the_median_of_the_rounds_with_the_least_and_the_greatest(self):
        found = bench_servers.compared(phases(50, 80, 10), phases(100, 100, 100))
        assert found["rate"] == [0.5, 0.1, 0.8] and found["p99_ms"] == [1, 1, 1]
        assert bench_servers_report.ratio(found["rate"]) == "0.50 (0.10-0.80)"

    def test_what_could_not_be_read_is_unknown(self):
        found = bench_servers.compared(phases(50, cpu=None), phases(100))
        assert found["cpu"] is None and bench_servers_report.ratio(None) == "?"


class TestOutcome:
    def test_it_tells_what_became_of_a_call(self, answering):
        found = [bench_faults.outcome(answering, REQUEST, b"ok") for _ in range(3)]
        assert found == ["answered", "lost", "lost"]

    def test_who_is_refused_knows_that_nothing_was_done(self):
        assert bench_faults.outcome(free_port(), REQUEST, b"ok") == "refused"


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="memory is read on Linux only")
class TestMemory:
    def test_it_is_that_of_what_is_on_the_leash(self):
        with os.popen("sleep 5 & echo $!; wait") as child:  # noqa: S605
            sleeping = int(child.readline())
            rss, pss = meters.memory(os.getpid())
            assert sleeping in meters.family(os.getpid(), meters.processes()) and meters.children(os.getpid())
            os.kill(sleeping, 9)
        assert 0 < pss <= rss < 500

    def test_nobody_on_it_is_unknown(self):
        assert meters.memory(2**22 + 1) == (None, None)
        assert meters.rollup(2**22 + 1) is None


class TestCommand:
    def test_both_programs_get_the_same_sizes(self):
        options = bench.argparse.Namespace(workers=3, threads=5)
        for command in (serve.granian, bench_servers.gunicorn):
            words = " ".join(command(host="127.0.0.1", port=1, options=options))
            assert "--workers 3" in words and "threads 5" in words and "--backlog 1024" in words

    def test_callers_need_something_to_read(self, monkeypatch, capsys):
        monkeypatch.setattr("sys.argv", ["bench", "--servers", "check-in"])
        with pytest.raises(SystemExit):
            bench.parse()
        assert "need a read" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("words", "names"),
        [
            (["--servers"], ["me", "challenges", "check-in"]),
            (["--servers", "--size", "demo"], ["me", "challenges"]),
            (["--servers", "feed", "me"], ["me", "feed"]),
            (["--size", "demo"], bench.READS),
            ([], list(bench.ENDPOINTS)),
        ],
    )
    def test_it_measures_what_is_named_or_what_the_data_allows(self, monkeypatch, words, names):
        monkeypatch.setattr("sys.argv", ["bench", *words])
        assert bench.parse().names == names


class TestReport:
    def test_it_works(self, capsys):
        side = {"rate": 1234.0, "p50_ms": 1.5, "p99_ms": 9.5, "server_us": 800.0, "database_us": None}
        side |= {"generator_us": 50.0, "others": 0.5}
        row = {
            "endpoint": "GET /users/me",
            "a": side,
            "b": side,
            "ratios": {"b": dict.fromkeys(bench_servers.COMPARED)},
        }
        fault = {"memory": (200.4, None), "slow": {"none": 900, "silent": 800, "head": 7, "body": 0}}
        fault["reload"] = {"answered": 4321, "refused": 3, "lost": 0, "seconds": 12.34}
        facts = {"cores": 2, "load_before": 0.1, "python": "3.13", "postgresql": "18.6", "workers": 2, "threads": 4}
        facts |= {"connections": 100, "size": "load", "rounds": 4, "seconds": 1.5}
        bench_servers_report.show({"servers": ["a", "b"], "facts": facts, "rows": [row], "faults": {"a": fault}})
        said = capsys.readouterr().out
        assert all(text in said for text in ("1,234", "9.5", "200", "4,321", "12.3", "50-50 %", "tcp_migrate_req="))
