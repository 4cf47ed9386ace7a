"""What the `faults` profile breaks, on services of its own."""

import json
import sys
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "bin" / "lib"))
import loadtest_faults  # noqa: E402
import postgres  # noqa: E402
from services import Services  # noqa: E402

SECONDS = 6.0


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """All faults, once, and what somebody who looked all the time has seen of the services."""
    state, patch = tmp_path_factory.mktemp("state"), pytest.MonkeyPatch()
    with patch.context() as changed:
        changed.delenv("DATABASE_URL", raising=False)
        changed.delenv("REDIS_URL", raising=False)
        changed.setattr(loadtest_faults, "HANG_SECONDS", 1.5)
        with Services(state, durable=False) as services:
            yield Watched(state, services)


class Watched:
    def __init__(self, folder: Path, services: Services):
        self.folder, self.seen, self.over = folder, [], threading.Event()
        environment = services.environment("darezone_faults")
        self.url, self.valkey = environment["DATABASE_URL"], services.valkey
        faults = loadtest_faults.Faults(folder, services=services, database_url=self.url, seconds=SECONDS)
        faults.start()
        time.sleep(0.3)
        self.before = (folder / "faults.json").exists()
        (folder / "measured").write_text(str(time.time()))
        looking = threading.Thread(target=self.look)
        looking.start()
        faults.join(60)
        self.over.set()
        looking.join()
        self.told = json.loads((folder / "faults.json").read_text())

    def look(self) -> None:
        while not self.over.wait(0.05):
            began = time.time()
            self.seen.append((began, self.valkey._answers()))

    def during(self, name: str) -> list[bool]:
        one = next(fault for fault in self.told if fault["name"] == name)
        return [answered for at, answered in self.seen if one["begin"] <= at <= one["end"]]


class TestFaults:
    def test_they_come_one_after_the_other(self, run):
        names = [fault["name"] for fault in run.told]
        assert names == ["cache hangs", "connections killed", "database restarted", "cache restarted"]
        ends = [fault["end"] for fault in run.told]
        assert all(fault["begin"] < fault["end"] for fault in run.told)
        assert all(end <= after["begin"] for end, after in zip(ends, run.told[1:], strict=False))

    def test_they_wait_for_the_measured_window(self, run):
        assert not run.before

    def test_a_cache_that_hangs_answers_nothing(self, run):
        assert False in run.during("cache hangs")

    def test_afterwards_everything_works(self, run):
        assert run.valkey._answers()
        assert postgres.query(run.url, "SELECT 1") == "1"


class TestEnd:
    def test_a_run_that_ends_early_breaks_nothing_more(self, tmp_path):
        faults = loadtest_faults.Faults(tmp_path, services=None, database_url="", seconds=60)
        faults.start()
        (tmp_path / "measured").write_text("0")
        time.sleep(0.3)
        faults.end()
        assert not (tmp_path / "faults.json").exists()
