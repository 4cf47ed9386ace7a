"""Who PostgreSQL runs as: it refuses root."""

import os
import pwd
import subprocess
from pathlib import Path

from processes import run_leashed


def choose(*, owned: list[Path], needed: list[Path]) -> str:
    """An identity for leash.py. `owned` folders are handed to it where it is a real other user."""
    if os.geteuid() != 0:
        return "self"
    nobody = pwd.getpwnam("nobody")  # initdb wants a user id that has a name
    mapped = f"map:{nobody.pw_uid}"
    # A user namespace changes no owner and works below a 0700 /root, but Docker's default profile forbids it.
    if hasattr(os, "unshare") and run_leashed(["true"], identity=mapped, log=subprocess.DEVNULL) == 0:
        hand_over(owned, os.geteuid())
        return mapped
    dropped = f"drop:{nobody.pw_uid}"
    hand_over(owned, nobody.pw_uid)
    for path in [*needed, *owned]:
        if run_leashed(["test", "-r", path], identity=dropped):
            raise SystemExit(
                f"root may not run PostgreSQL, and the user nobody cannot reach {path}: move the checkout out of "
                "a 0700 folder, run as an ordinary user, or set DATABASE_URL"
            )
    return dropped


def hand_over(folders: list[Path], user: int) -> None:
    for folder in folders:
        if folder.stat().st_uid != user:
            subprocess.run(["chown", "-R", str(user), folder], check=True)
