"""Runs jobs when they are due, exactly as production does: challenges that start and end, reminders, clean-up, pushes.

Takes everything from the environment, as bin/serve does, and goes past a pooler (DATABASE_DIRECT_URL). Any number may
run beside each other. SIGTERM lets it end the batch that it is at. One job, now: bin/manage run_job NAME
"""

import os
import sys

import packages
from checkout import ROOT, help_parser, load_env_file
from processes import exit_on_signals


def main() -> None:
    exit_on_signals()
    load_env_file()
    help_parser("bin/worker", __doc__).parse_args()
    packages.enter()
    os.chdir(ROOT)
    command = worker()
    os.execv(command[0], command)  # noqa: S606


def worker() -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), "worker"]


if __name__ == "__main__":
    main()
