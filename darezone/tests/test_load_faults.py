"""What the `faults` profile breaks, on services of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> dict:
    """All faults, once."""
    folder = tmp_path_factory.mktemp("faults")
    clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    done = subprocess.run(
        [sys.executable, ROOT / "darezone/tests/breaking.py", folder],
        env=clean | {"PYTHONPATH": str(ROOT / "bin" / "lib")},  # a package named valkey exists too
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) | {"folder": folder}


class TestFaults:
    def test_they_come_one_after_the_other(self, told):
        names = [fault["name"] for fault in told["told"]]
        assert names == ["cache hangs", "connections killed", "database restarted", "cache restarted"]
        assert all(fault["begin"] < fault["end"] for fault in told["told"])
        followed = zip(told["told"], told["told"][1:], strict=False)
        assert all(fault["end"] <= after["begin"] for fault, after in followed)

    def test_the_gate_is_told_of_each(self, told):
        assert json.loads((told["folder"] / "faults.json").read_text()) == told["told"]

    def test_they_wait_for_the_measured_window(self, told):
        assert not told["before"]

    def test_a_cache_that_hangs_answers_nothing(self, told):
        hang = told["told"][0]
        answers = [answered for at, answered in told["seen"] if hang["begin"] <= at <= hang["end"] - 1]
        assert False in answers

    def test_afterwards_everything_works(self, told):
        assert told["works"] == {"cache": True, "database": True}
