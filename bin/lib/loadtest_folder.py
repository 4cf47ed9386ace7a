"""The folder of one load run: made before it, with the plan and what is known of the machine and the server."""

import argparse
import contextlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from checkout import ROOT
from production_like import Started
from services import Services

KEPT = 50  # runs
PARAMETERS = ("users", "time", "warmup", "rate", "step", "most", "size")


def new_folder(state: Path, name: str) -> Path:
    """Named by time, so that they sort; the oldest go. `latest` always names the newest."""
    runs = state / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    for old in sorted(folder for folder in runs.iterdir() if folder.is_dir())[: -KEPT + 1]:
        shutil.rmtree(old, ignore_errors=True)
    folder = runs / f"{time.strftime('%Y-%m-%dT%H-%M-%SZ', time.gmtime())}-{name}"
    folder.mkdir()
    latest = state / "latest"
    latest.unlink(missing_ok=True)
    latest.symlink_to(folder)
    return folder


def write_plan(
    folder: Path, *, options: argparse.Namespace, started: Started, services: Services, root: Path = ROOT
) -> None:
    plan = {
        "profile": options.profile,
        "parameters": {name: getattr(options, name) for name in PARAMETERS},
        "server": server_facts(options, started, services, root),
        "machine": machine_facts(),
        "strict": options.strict,
        **({} if root == ROOT else {"expected_build": digest_of(root)}),
    }
    (folder / "plan.json").write_text(json.dumps(plan, indent=2) + "\n")


def server_facts(options: argparse.Namespace, started: Started, services: Services, root: Path) -> dict[str, Any]:
    return {
        "pid": started.pid,
        "runner_pid": os.getpid(),
        "database_pid": services.postgres.process.process.pid,
        "cache_pid": services.valkey.process.process.pid,
        "expected_commit": commit_of(root),
        "commit": commit_of(folder_of(started.pid)),
        "workers": options.workers,
        "threads": options.threads,
    }


def commit_of(folder: Path) -> str | None:
    """None where there is no git: an unpacked archive can be tested too."""
    if not (folder / ".git").exists():
        return None
    git = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=12"]
    with contextlib.suppress(OSError):
        found = subprocess.run(git, capture_output=True, text=True, check=False)
        return found.stdout.strip() or None
    return None


def digest_of(root: Path) -> str:
    sys.path.append(str(ROOT))
    from apps.core.build import digest

    return digest(root)


def folder_of(pid: int) -> Path:
    """Where a process really runs, which is the build that it serves."""
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True)
    except OSError:
        return ROOT


def machine_facts() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "usable_cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "cpu": cpu_model(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_average": [round(one, 2) for one in os.getloadavg()],
    }


def cpu_model() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
