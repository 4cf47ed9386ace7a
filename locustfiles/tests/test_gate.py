"""The gate without Locust: importing that would patch the sockets and threads of every other test."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest

from locustfiles.gate import Gate

NAMES = (
    "POST /api/v1/auth/login",
    *("GET /api/v1/users/me", "GET /api/v1/challenges", "POST /api/v1/checkins"),
)


class Hook(list):
    def add_listener(self, handler) -> None:
        self.append(handler)

    def fire(self, **facts) -> None:
        for handler in self:
            handler(**facts)


class Environment:
    def __init__(self, host: str):
        names = ("request", "user_error", "spawning_complete", "test_stopping", "quitting")
        self.host, self.process_exit_code = host, None
        self.events = SimpleNamespace(**{name: Hook() for name in names})


@pytest.fixture
def server():
    """A server with a health of its own; `word` is its environment."""

    class Health(BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps({"environment": self.server.word}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args) -> None:
            pass

    http = HTTPServer(("127.0.0.1", 0), Health)
    http.word, http.url = "load", f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    yield http
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def environment(server):
    made = Environment(server.url)
    made.cpu = 0.0  # seconds; the suite's own are none of the run's
    made.gate = Gate(made, lambda: made.cpu)
    made.gate.attach()
    return made


def send(environment: Environment, milliseconds: float, *, number: int = 100, exception=None, names=NAMES) -> None:
    for name in names:
        for _ in range(number):
            now = time.time()
            environment.events.request.fire(
                name=name, response_time=milliseconds, exception=exception, start_time=now, request_type="GET"
            )


def finish(environment: Environment) -> int:
    environment.events.test_stopping.fire(environment=environment)
    environment.events.quitting.fire(environment=environment)
    return environment.process_exit_code


class TestGate:
    def test_it_works(self, environment, capsys):
        send(environment, 5, names=NAMES[:1])
        environment.gate.cut_warm_up()
        send(environment, 20, names=NAMES[1:])
        assert finish(environment) == 0
        assert "PASSED" in capsys.readouterr().out

    def test_the_warm_up_is_not_measured_but_its_log_ins_are(self, environment):
        send(environment, 150, names=NAMES[:1])
        send(environment, 900, names=NAMES[1:])
        environment.gate.cut_warm_up()
        send(environment, 20, names=NAMES[1:])
        assert finish(environment) == 0
        assert len(environment.gate.samples.timings[NAMES[0]]) == 100

    def test_slow_log_ins_of_the_ramp_up_miss(self, environment):
        send(environment, 250, names=NAMES[:1])
        environment.gate.cut_warm_up()
        send(environment, 20, names=NAMES[1:])
        assert finish(environment) == 1

    def test_a_request_begun_before_the_cut_is_warm_up(self, environment):
        before = time.time() - 1
        environment.gate.cut_warm_up()
        environment.events.request.fire(name=NAMES[1], response_time=900, exception=None, start_time=before)
        assert len(environment.gate.samples.timings[NAMES[1]]) == 0

    def test_a_failure_while_warming_up_misses(self, environment):
        send(environment, 5)
        send(environment, 5, number=1, exception=ValueError("500: oops"), names=NAMES[1:2])
        environment.gate.cut_warm_up()
        send(environment, 20, names=NAMES[1:])
        assert finish(environment) == 1

    def test_a_run_that_ends_while_warming_up_is_invalid(self, environment):
        send(environment, 5)
        assert finish(environment) == 2

    def test_a_busy_generator_makes_it_invalid(self, environment):
        send(environment, 5)
        environment.gate.cut_warm_up()
        send(environment, 20, names=NAMES[1:])
        environment.cpu = 1000.0
        assert finish(environment) == 2

    def test_a_bug_of_the_script_makes_it_invalid(self, environment):
        environment.events.user_error.fire(user_instance=None, exception=KeyError("id"), tb=None)
        send(environment, 5)
        environment.gate.cut_warm_up()
        send(environment, 20, names=NAMES[1:])
        assert finish(environment) == 2

    def test_another_environment_stops_it_at_once(self, server, capsys):
        server.word = "development"
        with pytest.raises(SystemExit) as stop:
            Gate(Environment(server.url)).attach()
        assert stop.value.code == 2
        assert "environment is development" in capsys.readouterr().out

    def test_a_server_that_is_not_there_stops_it_at_once(self, capsys):
        with pytest.raises(SystemExit) as stop:
            Gate(Environment("http://127.0.0.1:1")).attach()
        assert stop.value.code == 2

    def test_it_writes_a_report_where_it_is_told_to(self, environment, tmp_path, monkeypatch):
        monkeypatch.setenv("DAREZONE_LOADTEST_REPORT", str(tmp_path / "report.json"))
        finish(environment)
        assert json.loads((tmp_path / "report.json").read_text())["verdict"] == "invalid"
