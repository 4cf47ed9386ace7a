"""The gate without Locust: importing that would patch the sockets and threads of every other test."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest

from apps.core import build
from locustfiles import record
from locustfiles.gate import ROOT, Gate
from locustfiles.tests.stand_ins import Environment, Machine

LOGIN, ME = "POST /api/v1/auth/login", "GET /api/v1/users/me"
NAMES = (LOGIN, ME, "GET /api/v1/challenges", "POST /api/v1/checkins")


@pytest.fixture
def server():
    """A server with a health and metrics of its own; `word` is its environment."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            health = json.dumps({"environment": self.server.word})
            body = (health if self.path == "/health" else self.server.metrics).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args) -> None:
            pass

    http = HTTPServer(("127.0.0.1", 0), Handler)
    facts = f'build="{build.digest(ROOT)}",debug="off",profiler="off",toolbar="off"'
    http.metrics = f"darezone_build_info{{{facts}}} 1.0\n"
    http.word, http.url = "load", f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    yield http
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(record.FOLDER, str(tmp_path / "run"))
    return tmp_path / "run"


@pytest.fixture
def environment(server, folder):
    made = Environment(server.url)
    made.machine = Machine()
    made.gate = Gate(made, made.machine.read)
    made.gate.attach()
    return made


def send(environment: Environment, milliseconds: float, *, number: int = 100, names=NAMES, **changes) -> None:
    """Requests that have just ended."""
    for name in names:
        for _ in range(number):
            start = time.time() - milliseconds / 1000
            facts = {"start_time": start, "exception": None, "response": SimpleNamespace(status_code=200)} | changes
            environment.events.request.fire(name=name, response_time=milliseconds, request_type="GET", **facts)


def measure(environment: Environment, milliseconds: float = 1) -> None:
    environment.gate.cut_warm_up()
    time.sleep(milliseconds / 1000 + 0.01)  # noqa: TID251 - a request belongs to the phase in which it was sent
    send(environment, milliseconds, names=NAMES[1:])


def finish(environment: Environment) -> int:
    environment.events.test_stopping.fire(environment=environment)
    environment.events.quitting.fire(environment=environment)
    return environment.process_exit_code


def report(folder) -> dict:
    return json.loads((folder / "report.json").read_text())


class TestGate:
    def test_it_works(self, environment, folder, capsys):
        send(environment, 5, names=[LOGIN])
        measure(environment)
        assert finish(environment) == 0
        assert "PASSED" in capsys.readouterr().out
        assert {path.name for path in folder.iterdir()} == {
            *("samples.csv", "run.json", "report.json", "report.csv", "report.html", "junit.xml", "measured"),
        }

    def test_what_it_leaves_is_judged_the_same_again(self, environment, folder):
        send(environment, 5, names=[LOGIN])
        measure(environment)
        finish(environment)
        again = record.read(folder)
        assert len(again.samples) == 400
        assert len(again.judged()) == 300
        assert again.facts["cpu"]["server"] == 50.0
        assert again.facts["server_cpu_seconds"] == 0.5

    def test_the_warm_up_is_not_measured_but_its_log_ins_are(self, environment, folder):
        send(environment, 150, names=[LOGIN])
        send(environment, 900, names=NAMES[1:])
        measure(environment)
        assert finish(environment) == 0
        assert {row["route"]: row["p95"] for row in report(folder)["routes"]}[LOGIN] == 150

    def test_slow_log_ins_of_the_ramp_up_miss(self, environment):
        send(environment, 250, names=[LOGIN])
        measure(environment)
        assert finish(environment) == 1

    def test_a_request_begun_before_the_cut_is_warm_up(self, environment):
        environment.gate.cut_warm_up()
        send(environment, 900, names=[ME])
        assert {sample.phase for sample in environment.gate.samples} == {"ramp"}

    def test_a_failure_while_warming_up_misses(self, environment):
        send(environment, 5)
        send(environment, 5, number=1, exception=ValueError("500: oops"), names=[ME])
        measure(environment)
        assert finish(environment) == 1

    def test_it_counts_from_the_intended_start(self, environment):
        """Open model: the server stalled, and the request was sent three seconds after it should have been."""
        now = time.time()
        send(environment, 10, number=1, names=[ME], start_time=now, context={"intended": now - 3})
        sample = environment.gate.samples[0]
        assert (round(sample.ms), round(sample.start + environment.gate.begin - now)) == (3010, -3)

    def test_a_request_without_an_answer_has_status_0(self, environment):
        send(environment, 10, number=1, names=[ME], response=None, exception=OSError("refused"))
        assert environment.gate.samples[0][3:5] == (0, "refused")

    def test_a_profile_adds_facts_phases_and_misses(self, environment, folder):
        send(environment, 5, names=[LOGIN])
        environment.gate.facts["steps"] = [{"phase": "50", "users": 50}]
        environment.gate.missed.append("memory grew")
        measure(environment)
        environment.gate.enter("2")
        assert finish(environment) == 1
        facts = record.read(folder).facts
        assert facts["steps"] == [{"phase": "50", "users": 50}]
        assert [phase["name"] for phase in facts["phases"]] == ["ramp", "measured", "2"]

    def test_faults_come_from_the_file_of_the_runner(self, environment, folder):
        folder.mkdir(exist_ok=True)
        faults = [{"name": "cache hangs", "begin": time.time(), "end": time.time() + 1}]
        (folder / "faults.json").write_text(json.dumps(faults))
        finish(environment)
        assert record.read(folder).facts["faults"] == faults


class TestDoubt:
    def ended(self, environment) -> int:
        send(environment, 5, names=[LOGIN])
        measure(environment)
        return finish(environment)

    def test_a_run_that_ends_while_warming_up_is_invalid(self, environment):
        send(environment, 5)
        assert finish(environment) == 2

    def test_a_busy_generator_makes_it_invalid(self, environment):
        send(environment, 5, names=[LOGIN])
        measure(environment)
        environment.machine.cpu = 0.81
        assert finish(environment) == 2

    def test_a_bug_of_the_script_makes_it_invalid(self, environment):
        environment.events.user_error.fire(user_instance=None, exception=KeyError("id"), tb=None)
        assert self.ended(environment) == 2

    def test_a_clock_that_is_set_makes_it_invalid(self, environment, folder):
        environment.gate.begin_monotonic += 0.2
        environment.gate.note_drift()
        environment.gate.begin_monotonic -= 0.2
        assert self.ended(environment) == 2
        assert "the wall clock moved" in report(folder)["reasons"][0]

    def test_another_build_makes_it_invalid(self, server, environment, folder):
        server.metrics = server.metrics.replace(build.digest(ROOT), "0123456789abcdef")
        assert self.ended(environment) == 2
        assert "build is 0123456789abcdef" in report(folder)["reasons"][0]

    @pytest.mark.parametrize("fact", ["debug", "profiler", "toolbar"])
    def test_what_watches_the_server_makes_it_invalid(self, server, environment, folder, fact):
        server.metrics = server.metrics.replace(f'{fact}="off"', f'{fact}="on"')
        assert self.ended(environment) == 2
        assert report(folder)["reasons"] == [f"the server's {fact} is on, not off"]

    def test_another_environment_stops_it_at_once(self, server, folder, capsys):
        server.word = "development"
        with pytest.raises(SystemExit) as stop:
            Gate(Environment(server.url)).attach()
        assert stop.value.code == 2
        assert "environment is development" in capsys.readouterr().out

    def test_a_server_that_is_not_there_stops_it_at_once(self, folder):
        with pytest.raises(SystemExit) as stop:
            Gate(Environment("http://127.0.0.1:1")).attach()
        assert stop.value.code == 2
        assert report(folder)["verdict"] == "invalid"


class TestPlan:
    def test_it_decides_what_is_asked(self, server, folder, tmp_path):
        folder.mkdir()
        plan = {"profile": "mixed", "strict": True, "parameters": {"warmup": 3}, "server": {"pid": 1}}
        (folder / "plan.json").write_text(json.dumps(plan))
        gate = Gate(Environment(server.url), Machine().read)
        assert (gate.objectives.profile, gate.warm_up_seconds) == ("mixed", 3)

    def test_without_one_the_load_script_names_the_profile(self, server, folder):
        environment = Environment(server.url)
        environment.parsed_options = SimpleNamespace(locustfile="locustfiles/mixed.py")
        assert Gate(environment).objectives.profile == "mixed"
        environment.parsed_options = SimpleNamespace(locustfile="locustfiles/standard.py")
        assert Gate(environment).objectives.profile == "brief"
