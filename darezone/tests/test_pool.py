"""The pool against the real server, outside of Django: the suite itself runs without one."""

import os
import socket
import threading
import time
from contextlib import closing, contextmanager

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from darezone.postgresql.pool import LivePool, is_alive

DATABASE = os.environ["DATABASE_URL"]


@contextmanager
def pool(size: int = 4, *, timeout: float = 2.0, database: str = DATABASE):
    options = {"min_size": 0, "max_size": size, "timeout": timeout, "kwargs": {"autocommit": True}}
    made = LivePool(conninfo=database, open=False, **options)
    made.open()
    try:
        yield made
    finally:
        made.close()


def use(pool: LivePool) -> int:
    """The process id of the server's end of a connection that answers."""
    with pool.connection() as connection:
        return connection.execute("SELECT pg_backend_pid()").fetchone()[0]


def fill(pool: LivePool, size: int) -> list[int]:
    taken = [pool.getconn() for _ in range(size)]
    backends = [connection.info.backend_pid for connection in taken]
    for connection in taken:
        pool.putconn(connection)
    return backends


def kill(backends: list[int]) -> None:
    with psycopg.connect(DATABASE, autocommit=True) as killer:
        for backend in backends:
            killer.execute("SELECT pg_terminate_backend(%s, 2000)", [backend])


class TestLiveness:
    def test_every_connection_killed_while_idle_is_replaced_unseen__hc54(self):
        with pool(4) as connections:
            backends = fill(connections, 4)
            kill(backends)
            started = time.monotonic()
            fresh = {use(connections) for _ in range(8)}
            assert not fresh & set(backends)
            assert time.monotonic() - started < 1

    def test_it_holds_for_as_many_threads_as_there_are_connections__hc54(self):
        with pool(4) as connections:
            kill(fill(connections, 4))
            answers: list[int] = []
            threads = [threading.Thread(target=lambda: answers.append(use(connections))) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(5)
            assert len(answers) == 4

    def test_a_look_sends_nothing(self, tmp_path):
        with psycopg.connect(DATABASE) as connection, (tmp_path / "wire").open("w+b") as wire:
            connection.pgconn.trace(wire.fileno())
            assert is_alive(connection)
            connection.pgconn.untrace()
            assert wire.read() == b""

    def test_a_word_of_the_server_is_no_farewell(self):
        with psycopg.connect(DATABASE, autocommit=True) as connection:
            channel = f"pool_{os.getpid()}"
            connection.execute(f"LISTEN {channel}")
            with psycopg.connect(DATABASE, autocommit=True) as other:
                other.execute(f"NOTIFY {channel}")
            assert is_alive(connection)

    def test_a_closed_one_is_dead(self):
        connection = psycopg.connect(DATABASE)
        connection.close()
        assert not is_alive(connection)


class TestWaiting:
    def test_an_empty_pool_is_waited_for_no_longer_than_allowed__hc57(self):
        with pool(1, timeout=0.4) as connections, connections.connection():
            started = time.monotonic()
            with pytest.raises(PoolTimeout, match=r"after 0\.4 s"):
                connections.getconn()
            assert 0.35 < time.monotonic() - started < 1

    def test_it_recovers_alone_from_exhaustion__hc57(self):
        with pool(1, timeout=0.3) as connections:
            with connections.connection(), pytest.raises(PoolTimeout):
                connections.getconn()
            assert use(connections)

    def test_who_waits_gets_what_is_returned(self):
        with pool(1) as connections:
            taken = connections.getconn()
            threading.Timer(0.3, connections.putconn, [taken]).start()
            assert use(connections) == taken.info.backend_pid


class TestServerAway:
    def test_it_is_found_soon_after_it_comes_back__hc56(self):
        with closing(socket.socket()) as placeholder:
            placeholder.bind(("127.0.0.1", 0))
            port = placeholder.getsockname()[1]
        away = psycopg.conninfo.make_conninfo(DATABASE, host="127.0.0.1", port=port, connect_timeout=1)
        with pool(2, timeout=0.6, database=away) as connections:
            with pytest.raises(PoolTimeout):
                connections.getconn()
            with relay(port):
                started = time.monotonic()
                assert use(connections)
                assert time.monotonic() - started < 0.6


@contextmanager
def relay(port: int):
    """The server at a TCP port, wherever it really listens."""
    with psycopg.connect(DATABASE) as real:
        folder, number = real.info.host, real.info.port
    listener = socket.create_server(("127.0.0.1", port))
    threading.Thread(target=serve, args=(listener, folder, number), daemon=True).start()
    try:
        yield
    finally:
        listener.close()


def serve(listener: socket.socket, folder: str, number: int) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        if folder.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{folder}/.s.PGSQL.{number}")
        else:
            server = socket.create_connection((folder, number))
        for source, target in ((client, server), (server, client)):
            threading.Thread(target=copy, args=(source, target), daemon=True).start()


def copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    finally:
        target.close()
