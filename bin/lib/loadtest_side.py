"""A build of the server as a load run needs it: its database, its process, its runs, its audit."""

import argparse
import contextlib
import sys
from pathlib import Path

from checkout import ROOT
from loadtest_attack import attack, k6
from loadtest_folder import new_folder, write_plan
from processes import run_in_front
from production_like import QUIET, prepare, server, warm_up
from services import Services


class Side:
    def __init__(
        self, options: argparse.Namespace, state: Path, services: Services, *, root: Path = ROOT, name: str = ""
    ):
        self.options, self.state, self.services, self.root, self.name = options, state, services, root, name
        suffix = f"_{name}" if name else ""
        self.environment = prepare(options.size, services, options=options, root=root, suffix=suffix)
        if name:  # the seed gives both builds the same ids: they must not read each other's cache
            self.environment["REDIS_URL"] = self.environment["REDIS_URL"].replace("db=0", "db=1")

    def __enter__(self) -> "Side":
        self.stack = contextlib.ExitStack()
        served = server(self.state, self.environment, options=self.options, name=self.name or "server", root=self.root)
        self.started = self.stack.enter_context(served)
        warm_up(self.started.url)
        return self

    def __exit__(self, *_) -> None:
        self.stack.close()

    def attack(self) -> int:
        if self.options.k6:
            return k6(self.started.url)
        self.folder = new_folder(self.state, "-".join(filter(None, (self.options.profile, self.name))))
        facts = {"options": self.options, "started": self.started, "services": self.services}
        write_plan(self.folder, **facts, root=self.root)
        return attack(folder=self.folder, **facts, environment=self.environment)

    def audit(self) -> bool:
        """Whether what is stored twice is equal. The server has stopped."""
        differs = run_in_front([sys.executable, self.root / "manage.py", "audit"], env=self.environment | QUIET)
        if differs:
            print("bin/loadtest: the audit found differences", file=sys.stderr)
        return not differs
