"""Breaks things while people use them, each for a moment, and notes when: the gate knows from that what to forgive."""

import json
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from postgres import query, split
from services import Services

HANG_SECONDS, KILLS = 3.0, 3


class Faults(threading.Thread):
    """One after the other, evenly over the measured time. Ends with the run, and never in the middle of a fault."""

    def __init__(self, folder: Path, *, services: Services, database_url: str, seconds: float):
        super().__init__(name="faults", daemon=True)
        self.folder, self.services, self.database_url = folder, services, database_url
        self.over = threading.Event()
        self.told: list[dict] = []
        self.kinds: dict[str, Callable[[], None]] = {
            "cache hangs": self.hang_cache,
            "connections killed": self.kill_connections,
            "database restarted": self.restart_database,
            "cache restarted": self.restart_cache,
        }
        self.gap = seconds / (len(self.kinds) + 1)

    def run(self) -> None:
        while not (self.folder / "measured").exists():
            if self.over.wait(0.1):
                return
        begin = time.time()
        for number, (name, break_it) in enumerate(self.kinds.items()):
            if self.over.wait(max(0.0, begin + (number + 0.5) * self.gap - time.time())):
                return
            self.note(name, break_it)

    def note(self, name: str, break_it: Callable[[], None]) -> None:
        told = {"name": name, "begin": time.time(), "end": None}
        self.told.append(told)
        self.write()
        break_it()
        told["end"] = time.time()
        self.write()

    def write(self) -> None:
        part = self.folder / "faults.json.part"
        part.write_text(json.dumps(self.told, indent=2) + "\n")
        part.replace(self.folder / "faults.json")

    def end(self) -> None:
        self.over.set()
        self.join()

    def hang_cache(self) -> None:
        """It accepts connections and answers nothing: worse than being gone."""
        servers = psutil.Process(self.services.valkey.process.process.pid).children()
        send(servers, signal.SIGSTOP)
        try:
            self.over.wait(HANG_SECONDS)
        finally:
            send(servers, signal.SIGCONT)
        self.services.valkey.wait_until_ready()

    def kill_connections(self) -> None:
        """All that the server has, three times: its pool holds those that it has not tried since."""
        postgres, name = split(self.database_url)
        for _ in range(KILLS):
            query(postgres, f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608
            self.over.wait(0.5)

    def restart_database(self) -> None:
        self.restart(self.services.postgres)

    def restart_cache(self) -> None:
        """It comes back empty."""
        self.restart(self.services.valkey)

    def restart(self, service) -> None:
        service.stop()
        service.start(hold=self.services.lock.fileno())
        service.wait_until_ready()


def send(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        process.send_signal(number)
