"""bin/loadtest beside its runs: what it tells, where it writes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from locustfiles import objectives

ROOT = Path(__file__).resolve().parents[2]
LIB = ROOT / "bin" / "lib"
WITH_PATHS = "import sys; from pathlib import Path; "
PROFILES = ("brief", "mixed", "steady", "capacity", "spike", "soak", "faults")


def python(*words: str | Path) -> subprocess.CompletedProcess:
    """In a process of its own: the modules of bin/lib have names that packages have too."""
    environment = os.environ | {"PYTHONPATH": str(LIB)}
    return subprocess.run(
        [sys.executable, *words], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


class TestHelp:
    def test_it_explains_each_profile_in_a_line(self):
        said = python(LIB / "loadtest.py", "--help").stdout.splitlines()
        assert [name for name in PROFILES for line in said if line.startswith(f"  {name} ")] == list(PROFILES)

    def test_an_unknown_profile_is_refused(self):
        done = python(LIB / "loadtest.py", "standard")
        assert (done.returncode, "invalid choice: 'standard'" in done.stderr) == (2, True)

    def test_each_profile_has_its_script(self):
        script = "import loadtest_profiles as p; print(*{one.script for one in p.PROFILES.values()})"
        names = python("-c", script).stdout.split()
        assert names
        assert all((ROOT / "locustfiles" / f"{name}.py").exists() for name in names)

    def test_what_was_not_asked_for_is_the_profiles_own(self):
        script = (
            "import argparse, loadtest_profiles as p; made = argparse.ArgumentParser(); p.add_options(made)\n"
            "for line in ([], ['spike'], ['soak', '--time', '2m'], ['steady', '--rate', '7']):\n"
            "    one = p.settled(made.parse_args(line)); print(one.profile, one.users, one.time, one.rate)"
        )
        said = python("-c", script).stdout.splitlines()
        assert said == ["brief 100 60 None", "spike 200 60 None", "soak 100 120 None", "steady 100 60 7"]

    @pytest.mark.parametrize(
        "asked", [["brief", "--users", "1001"], ["capacity", "--size", "load"], ["capacity", "--most", "4001"]]
    )
    def test_more_people_than_accounts_are_refused(self, asked):
        done = python(LIB / "loadtest.py", *asked)
        assert (done.returncode, "accounts" in done.stderr) == (2, True)


class TestFaults:
    def test_each_has_an_error_budget(self):
        script = (
            "from loadtest_faults import Faults; "
            "print(*Faults(None, services=None, database_url='', seconds=1).kinds, sep='\\n')"
        )
        assert python("-c", script).stdout.splitlines() == [*objectives.read("faults").faults]


class TestK6:
    @pytest.mark.parametrize(("its", "ours"), [(0, 0), (99, 1), (107, 2)])
    def test_its_exit_codes_become_ours(self, tmp_path, monkeypatch, its, ours):
        (tmp_path / "k6").write_text(f"#!/bin/sh\nexit {its}\n")
        (tmp_path / "k6").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        assert python("-c", "import loadtest_attack; print(loadtest_attack.k6('http://x'))").stdout == f"{ours}\n"

    def test_without_it_that_is_told(self, monkeypatch):
        monkeypatch.setenv("PATH", "/nowhere")
        assert python("-c", "import loadtest_attack; loadtest_attack.k6('http://x')").stderr.startswith(
            "there is no k6"
        )


class TestFolder:
    def test_the_newest_are_kept_and_latest_is_the_last(self, tmp_path):
        runs = tmp_path / "runs"
        for number in range(60):
            (runs / f"2026-01-01T00-00-{number:02}Z-brief").mkdir(parents=True)
        script = f"{WITH_PATHS}import loadtest_folder; print(loadtest_folder.new_folder(Path(sys.argv[1]), 'mixed'))"
        made = Path(python("-c", script, tmp_path).stdout.strip())
        left = sorted(folder.name for folder in runs.iterdir())
        assert (len(left), left[0], left[-1]) == (50, "2026-01-01T00-00-11Z-brief", made.name)
        assert (tmp_path / "latest").resolve() == made
        assert made.name.endswith("Z-mixed")
