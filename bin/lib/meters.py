"""What a phase cost: CPU of process trees, SQL statements and Redis commands, each by the machine's own counters."""

import os
import socket
import time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import psycopg

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")
TRANSACTION = "^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|START)"
# The database's own statements, which check foreign keys at COMMIT: nobody sent them.
FOREIGN_KEY = "FOR KEY SHARE OF x$"


class Reading(NamedTuple):
    """Running totals; a CPU time is None where it cannot be read."""

    server_cpu: float | None
    database_cpu: float | None
    statements: int
    round_trips: int
    redis_commands: int
    machine_cpu: float | None = None
    clock: float = 0.0

    def since(self, before: "Reading") -> "Reading":
        return Reading(*(None if new is None else new - old for new, old in zip(self, before, strict=True)))


class Meter:
    """Reads the counters of the services of one bench, and the CPU of one server."""

    def __init__(self, services, maintenance_url: str):
        self.services = services
        self.connection = psycopg.connect(maintenance_url, autocommit=True)
        self.connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

    def read(self, *, server_pid: int, database: str) -> Reading:
        statements, round_trips = self.calls(database)
        database_pid = self.services.postgres.process.process.pid
        return Reading(
            cpu_seconds(server_pid),
            cpu_seconds(database_pid),
            statements,
            round_trips,
            commands(self.services.valkey),
            machine_seconds(),
            time.perf_counter(),
        )

    def calls(self, database: str) -> tuple[int, int]:
        """Statements without those that begin and end transactions, and with them."""
        sql = """
            SELECT coalesce(sum(calls) FILTER (WHERE query !~* %s), 0)::bigint, coalesce(sum(calls), 0)::bigint
            FROM pg_stat_statements JOIN pg_database d ON d.oid = dbid
            WHERE d.datname = %s AND toplevel AND query !~ %s
        """
        return self.connection.execute(sql, [TRANSACTION, database, FOREIGN_KEY]).fetchone()

    def close(self) -> None:
        self.connection.close()


def cpu_seconds(root: int) -> float | None:
    """Of a process with its descendants, those that ended included. None without /proc."""
    if not (PROC / "self" / "stat").exists():
        return None
    found = processes()
    return sum(found[pid][1] for pid in family(root, found)) / TICK


def family(root: int, found: dict[int, tuple[int, int]]) -> set[int]:
    """A process with its descendants. A child has the greater number: pids wrap around only after millions of them."""
    members = {root} & set(found)
    for pid, (parent, _) in sorted(found.items()):
        if parent in members:
            members.add(pid)
    return members


def children(pid: int) -> list[int]:
    return [child for child, (parent, _) in processes().items() if parent == pid]


def memory(leash: int) -> tuple[float | None, float | None]:
    """Megabytes of all processes on a leash: RSS counts shared pages for each of them, PSS once."""
    sizes = [rollup(pid) for pid in family(leash, processes()) - {leash}] if PROC.exists() else []
    if not sizes or None in sizes:
        return None, None
    rss, pss = (sum(column) / 1000 for column in zip(*sizes, strict=True))
    return rss, pss


def rollup(pid: int) -> tuple[int, int] | None:
    """Kilobytes; None of a process that is not ours to look at."""
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return None
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    return kilobytes["Rss"], kilobytes["Pss"]


def machine_seconds() -> float | None:
    """CPU that anything on this machine has used."""
    if not (PROC / "stat").exists():
        return None
    user, nice, system, _, _, irq, softirq, steal = map(int, (PROC / "stat").read_text().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICK


def processes() -> dict[int, tuple[int, int]]:
    """By pid: the parent, and the ticks used by the process and its reaped children."""
    found = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            found[int(folder.name)] = int(fields[1]), sum(map(int, fields[11:15]))
    return found


def commands(valkey) -> int:
    """Commands that Valkey has run, INFO itself not counted."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        connection.connect(unquote(urlsplit(valkey.url()).path))
        connection.sendall(b"INFO commandstats\r\n")
        answer = b""
        while not answer.endswith(b"\r\n") or len(answer) < expected(answer):
            answer += connection.recv(65536)
    return counted(answer.decode())


def expected(answer: bytes) -> int:
    """The length of a bulk answer, known from its first line."""
    head = answer.split(b"\r\n", 1)[0]
    return len(head) + 2 + int(head[1:]) + 2 if head.startswith(b"$") else 0


def counted(commandstats: str) -> int:
    lines = (line for line in commandstats.splitlines() if line.startswith("cmdstat_"))
    # "cmdstat_client|setinfo" and the like belong to opening a connection.
    own = ("cmdstat_info:", "cmdstat_client|", "cmdstat_hello:", "cmdstat_select:")
    return sum(int(line.split("calls=")[1].split(",")[0]) for line in lines if not line.startswith(own))
