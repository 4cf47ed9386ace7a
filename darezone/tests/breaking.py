"""Breaks services of its own as the `faults` profile does, and prints what somebody saw who looked all the time.

PYTHONPATH=bin/lib python darezone/tests/breaking.py FOLDER
"""

import json
import sys
import threading
import time
from pathlib import Path

import loadtest_faults
import postgres
from services import Services

SECONDS = 6.0


def main() -> None:
    folder = Path(sys.argv[1])
    loadtest_faults.HANG_SECONDS = 1.5
    with Services(folder, durable=False) as services:
        url = services.environment("darezone_faults")["DATABASE_URL"]
        faults = loadtest_faults.Faults(folder, services=services, database_url=url, seconds=SECONDS)
        faults.start()
        before = waited(faults, folder)
        seen = looked(faults, services)
        works = {"cache": services.valkey._answers(), "database": postgres.query(url, "SELECT 1") == "1"}
    sys.stdout.write(json.dumps({"before": before, "seen": seen, "told": faults.told, "works": works}))


def waited(faults: threading.Thread, folder: Path) -> bool:
    """Had something been broken before the measured window began?"""
    faults.join(0.3)
    before = (folder / "faults.json").exists()
    (folder / "measured").write_text(str(time.time()))
    return before


def looked(faults: threading.Thread, services: Services) -> list[tuple[float, bool]]:
    seen = []
    while faults.is_alive():
        began = time.time()
        seen.append((began, services.valkey._answers()))
        faults.join(0.05)
    return seen


if __name__ == "__main__":
    main()
