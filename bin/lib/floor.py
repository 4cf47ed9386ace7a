"""The floor of bin/bench: the least that Python, psycopg and orjson need for the same SQL and the same bytes.

A bare WSGI function: no framework, no routing, no verification of tokens, no validation. It looks up the statements
that the real view made for this token and path, runs them, and builds the answer from the rows.
"""

import os
import pickle
from pathlib import Path
from urllib.parse import urlsplit

import floor_check_in
import orjson
import psycopg.types.json
from floor_answers import ANSWERS
from hot import CHECK_IN
from psycopg_pool import ConnectionPool

WORKLOAD = pickle.loads(Path(os.environ["BENCH_WORKLOAD"]).read_bytes())  # noqa: S301 - of bench_workload, just now
CONTENT_TYPE = ("Content-Type", "application/json")

psycopg.types.json.set_json_loads(orjson.loads)
pool = ConnectionPool(
    os.environ["DATABASE_URL"],
    kwargs={"autocommit": True},
    min_size=1,
    max_size=int(os.environ["WEB_THREADS"]),
    open=True,
)


def reads() -> dict:
    """By token and path: how to answer, the statements with their values, and what was answered once."""
    found = {}
    for name, answer in ANSWERS.items():
        sql = WORKLOAD.get(name, {}).get("sql")
        for request in WORKLOAD.get(name, {}).get("requests", ()):
            statements = [(sql[number], values) for number, values in request["statements"]]
            key = f"Bearer {request['token']}", urlsplit(request["path"]).path
            found[key] = answer, statements, Request(request)
    return found


class Request:
    """What an assembly may know besides its rows: ids from the path, and the cursor, which it does not sign itself."""

    def __init__(self, request: dict):
        once = orjson.loads(request["answer"])
        self.cursor = once.get("next_cursor") if isinstance(once, dict) else None
        self.challenge, self.viewer = request["challenge"], request["viewer"]


READS = reads()
CHECK_INS = floor_check_in.prepared(WORKLOAD[CHECK_IN]) if CHECK_IN in WORKLOAD else None


def application(environ, start_response):
    if environ["REQUEST_METHOD"] == "POST":
        with pool.connection() as connection:
            body = floor_check_in.answer(connection, CHECK_INS, environ)
        return send(start_response, "201 Created", body)
    if environ["PATH_INFO"] == "/health/ready":
        return send(start_response, "200 OK", {"status": "ready"})
    assemble, statements, request = READS[environ["HTTP_AUTHORIZATION"], environ["PATH_INFO"]]
    with pool.connection() as connection:
        results = [connection.execute(sql, values).fetchall() for sql, values in statements]
    return send(start_response, "200 OK", assemble(request, *results))


def send(start_response, status: str, data) -> list[bytes]:
    body = orjson.dumps(data, option=orjson.OPT_UTC_Z)
    start_response(status, [CONTENT_TYPE, ("Content-Length", str(len(body)))])
    return [body]
