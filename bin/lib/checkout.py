"""Where things are: this checkout, its state folder, its .env file."""

import argparse
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PREPARE = ROOT / "bin" / "lib" / "prepare.py"


def state(name: str) -> Path:
    """The folder where one command keeps its data."""
    folder = Path(os.environ.get("DAREZONE_STATE") or ROOT / ".local").expanduser().resolve() / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def load_env_file() -> None:
    """Take KEY=VALUE lines of .env into the environment; what is set already wins."""
    file = ROOT / ".env"
    if not file.exists():
        return
    for line in file.read_text().splitlines():
        key, separator, value = line.strip().removeprefix("export ").partition("=")
        if separator and not key.startswith("#"):
            os.environ.setdefault(key.strip(), unquoted(value.strip()))


def help_parser(command: str, text: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(prog=command, description=text, formatter_class=argparse.RawDescriptionHelpFormatter)


def unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value
