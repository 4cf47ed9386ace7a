"""PgBouncer before a PostgreSQL of our own, on a socket beside it.

It deals its connections by turns and opens all of them for the first client: what is left on one is missed in the very
next transaction, where a pooler at rest would have dealt the same one again.
"""

import shutil
from pathlib import Path
from urllib.parse import quote

from postgres import Postgres
from processes import Leashed

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
MISSING = "no pgbouncer on this machine: apt-get install pgbouncer"
CONNECTIONS = 4
CONFIGURATION = """
[databases]
* = host={sockets} port=5432
[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {sockets}
auth_type = trust
auth_file = {users}
admin_users = postgres
pool_mode = {mode}
default_pool_size = {connections}
min_pool_size = {connections}
server_round_robin = 1
max_client_conn = 200
"""


class PgBouncer:
    def __init__(self, postgres: Postgres, *, mode: str = "transaction", port: int = 6432):
        self.postgres, self.mode, self.port = postgres, mode, port
        self.log = postgres.log.with_name(f"pgbouncer-{mode}.log")

    def __enter__(self) -> "PgBouncer":
        if not PROGRAM:
            raise SystemExit(MISSING)
        with self.log.open("wb") as log:
            self.process = Leashed([PROGRAM, self._configure()], log=log, identity=self.postgres.identity)
        while not (self.postgres.sockets / f".s.PGSQL.{self.port}").exists():
            if self.process.ended_within(0.05):
                raise SystemExit(f"PgBouncer did not start:\n{self.log.read_text()}")
        return self

    def __exit__(self, *_) -> None:
        self.process.stop()

    def url(self, database: str) -> str:
        return f"postgresql://postgres@{quote(str(self.postgres.sockets), safe='')}:{self.port}/{database}"

    def _configure(self) -> Path:
        """The folder of the sockets already belongs to who PostgreSQL runs as."""
        users, file = (self.postgres.sockets / f"pgbouncer-{self.mode}.{kind}" for kind in ("txt", "ini"))
        users.write_text('"postgres" ""')
        values = {"mode": self.mode, "port": self.port, "connections": CONNECTIONS, "users": users}
        file.write_text(CONFIGURATION.format(sockets=self.postgres.sockets, **values))
        for path in (users, file):
            path.chmod(0o644)
        return file
