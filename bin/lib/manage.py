"""manage.py with PostgreSQL and Valkey up.

Beside a running bin/dev it uses its servers and database; alone it starts them for the duration, on the database
darezone_demo. DAREZONE_SIZE=load chooses darezone_load, and so on. DATABASE_URL and REDIS_URL win where they are set.
The exit code is that of manage.py. For the commands: bin/manage help
"""

import os
import sys
from pathlib import Path
from typing import NoReturn

import packages
import sharing
from checkout import ROOT, load_env_file, state
from postgres import create_database
from processes import exit_on_signals, run_in_front
from services import PAST_NO_POOLER, Services


def main() -> None:
    if sys.argv[1:] in (["--help"], ["-h"]):
        print(f"usage: bin/manage COMMAND ...\n\n{__doc__}")
        return
    exit_on_signals()
    packages.enter()
    load_env_file()
    folder = state("dev")
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        become_manage({"MEDIA_ROOT": str(folder / "media")} | os.environ)
    guest = sharing.join(folder)
    while True:
        if shared := sharing.environment_of_owner(folder):
            become_manage(environment_of_guest(shared))
        try:
            sys.exit(run_with_own_services(folder, guest))
        except sharing.InUse:  # another bin/manage was quicker
            continue


def environment_of_guest(shared: dict[str, str]) -> dict[str, str]:
    size = os.environ.get("DAREZONE_SIZE")
    if size and not os.environ.get("DATABASE_URL"):
        server, _, _ = shared["DATABASE_URL"].rpartition("/")
        shared["DATABASE_URL"] = f"{server}/darezone_{size}"
        create_database(shared["DATABASE_URL"])
    own = {name: value for name, value in os.environ.items() if value}
    return shared | own | ({} if "DATABASE_URL" in own else PAST_NO_POOLER)


def run_with_own_services(folder: Path, guest) -> int:
    with Services(folder) as services:
        environment = services.environment(f"darezone_{os.environ.get('DAREZONE_SIZE') or 'demo'}")
        services.publish(environment)
        code = run_in_front(manage_py(), env=environment)
        sharing.wait_for_other_guests(guest)
    return code


def become_manage(environment: dict[str, str]) -> NoReturn:
    command = manage_py()
    os.execve(command[0], command, environment)  # noqa: S606


def manage_py() -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), *sys.argv[1:]]


if __name__ == "__main__":
    main()
