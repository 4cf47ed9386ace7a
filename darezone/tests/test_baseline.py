"""bin/loadtest --baseline: an earlier build, and runs of both in turn."""

from pathlib import Path

import pytest

from darezone.tests.test_loadtest_command import ROOT, WITH_PATHS, python


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout: there are no commits to compare with")
class TestCheckout:
    SCRIPT = f"{WITH_PATHS}from loadtest_baseline import *; print(checked_out(sys.argv[1], Path(sys.argv[2])))"

    def test_the_files_of_a_commit_are_unpacked_once(self, tmp_path):
        build = Path(python("-c", self.SCRIPT, "HEAD", tmp_path).stdout.strip())
        assert (build / "manage.py").exists()
        (build / "mark").touch()
        assert python("-c", self.SCRIPT, "HEAD", tmp_path).stdout.strip() == str(build)
        assert (build / "mark").exists()

    def test_an_unknown_commit_is_told(self, tmp_path):
        done = python("-c", self.SCRIPT, "nowhere", tmp_path)
        assert done.returncode == 1
        assert done.stderr.startswith("git rev-parse: fatal")


class TestTurns:
    SCRIPT = """
import json, random, sys
from argparse import Namespace
from pathlib import Path
import loadtest_baseline
from locustfiles import record
from locustfiles.tests import runs

middles, order = json.loads(sys.argv[2]), []

class Side:
    def __init__(self, options, state, services, *, root=None, name="ours"):
        self.state, self.name = state, name

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def attack(self):
        draw, middle = random.Random(len(order)), middles[len(order)]
        made = runs.run(runs.samples(*(middle + draw.expovariate(0.2) for _ in range(600))))
        order.append(self.name[0])
        self.folder = self.state / str(len(order))
        record.write(self.folder, made.facts, made.samples)

    def audit(self):
        return True

loadtest_baseline.Side, loadtest_baseline.checked_out = Side, lambda *_: None
code = loadtest_baseline.in_turns(Namespace(baseline="old"), Path(sys.argv[1]), None)
print("".join(order), code)
"""

    @pytest.mark.parametrize(
        ("middles", "said"),
        [
            ((10, 14, 12, 18), "boob 0"),
            ((10, 30, 30, 10, 10, 30, 30, 10), "boobboob 1"),
            ((30, 10, 10, 30, 30, 10, 10, 30), "boobboob 0"),
            ((10, 14, 14, 10, 12, 11, 16, 13), "boobboob 0"),
        ],
        ids=["alike", "slower", "faster", "slower at first"],
    )
    def test_where_builds_seem_to_differ_they_run_again(self, tmp_path, middles, said):
        """b: the baseline, o: this checkout; the number is the exit code."""
        assert python("-c", self.SCRIPT, tmp_path, str(list(middles))).stdout.splitlines()[-1] == said
