"""What bin/bench sends, and the SQL that the real views make of it, recorded: the floor runs the same statements.

A workload is plain data: the bench and the floor read it without Django.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.test import Client

from apps.accounts.tokens import issue_access
from apps.core.models import uuid7

API = "/api/v1"
PATHS = {
    "me": "/users/me",
    "stats": "/users/me/stats",
    "profile": "/users/{other}",
    "challenges": "/challenges",
    "discover": "/challenges/discover",
    "challenge": "/challenges/{challenge}",
    "feed": "/challenges/{challenge}/checkins",
    "today": "/checkins/challenges/{challenge}/today",
    "progress": "/challenges/{challenge}/progress",
    "checkins": "/checkins",
    "notifications": "/notifications",
    "unread": "/notifications/unread/count",
}
# Everybody who is in a running challenge, each with one of those and another member of it, well mixed. The memberships
# of both are what a profile has to look through.
VIEWERS = """
    SELECT DISTINCT ON (md5(u.id::text)) u.id, u.token_version, m.challenge_id, coalesce(other.user_id, u.id),
           (SELECT count(*) FROM challenge_members a WHERE a.user_id IN (u.id, other.user_id))
    FROM users u
    JOIN challenge_members m ON m.user_id = u.id AND m.status = 'active'
    JOIN challenges c ON c.id = m.challenge_id AND c.status = 'active'
    LEFT JOIN LATERAL (
        SELECT o.user_id FROM challenge_members o
        WHERE o.challenge_id = c.id AND o.status = 'active' AND o.user_id <> u.id AND NOT EXISTS (
            SELECT FROM friendships f
            WHERE f.status = 'blocked' AND u.id IN (requester_id, addressee_id)
            AND o.user_id IN (requester_id, addressee_id)
        )
        ORDER BY md5(o.user_id::text) LIMIT 1
    ) other ON TRUE
    WHERE u.is_active
    ORDER BY md5(u.id::text), md5(c.id::text || u.id)
    LIMIT %s
"""
PLAIN = (str, int, bool)

client = Client()


def reads(names: list[str], people: int, queries: dict[str, str]) -> dict[str, dict[str, Any]]:
    """By endpoint: its SQL, and for each viewer the request, the answer, and the values of each statement."""
    viewers = list(who_looks(people))
    return {name: recorded([asked(viewer, name, queries.get(name, "")) for viewer in viewers]) for name in names}


def who_looks(people: int) -> Iterator[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(VIEWERS, [people])
        names = ("viewer", "token_version", "challenge", "other", "memberships")
        for row in cursor.fetchall():
            found = dict(zip(names, row, strict=True))
            yield found | {"token": issue_access(found["viewer"], uuid7(), found["token_version"])}


def asked(viewer: dict[str, Any], name: str, query: str) -> dict[str, Any]:
    path = API + PATHS[name].format(challenge=viewer["challenge"], other=viewer["other"]) + query
    return {**viewer, "path": path, "status": 200}


def recorded(requests: list[dict[str, Any]]) -> dict[str, Any]:
    texts: list[str] = []
    done = [request | record(request, texts) for request in requests]
    constants_as_text(texts, [values for request in done for values in request["statements"]])
    return {"sql": texts, "requests": done}


def record(request: dict[str, Any], texts: list[str]) -> dict[str, Any]:
    """One call of the real view, undone again: its answer, and its statements as [number of the text, values]."""
    made: list[list] = []

    def note(execute, sql, params, many, context):
        if sql not in texts:
            texts.append(sql)
        made.append([texts.index(sql), plain(params)])
        return execute(sql, params, many, context)

    # In a transaction that is rolled back, so that a write can be recorded without being done.
    with transaction.atomic():
        with connection.execute_wrapper(note):
            answer = ask(request)
        transaction.set_rollback(True)
    if answer.status_code != request["status"]:
        raise ValueError(f"{request['path']}: {answer.status_code} {answer.content[:300]!r}")
    statements = [one for one in made if not texts[one[0]].startswith(("SAVEPOINT", "RELEASE"))]
    return {"answer": answer.content, "statements": statements}


def ask(request: dict[str, Any]):
    headers = {"Authorization": f"Bearer {request['token']}", "Host": "127.0.0.1"}
    if "body" in request:
        return client.post(request["path"], request["body"], content_type="application/json", headers=headers)
    return client.get(request["path"], headers=headers)


def plain(params: Any) -> Any:
    """Values of types that pickle finds again without this project."""
    if isinstance(params, dict):
        return {name: plain_value(value) for name, value in params.items()}
    return [plain_value(value) for value in params or ()]


def plain_value(value: Any) -> Any:
    if value is None or isinstance(value, UUID | date | datetime | bytes):
        return value
    if isinstance(value, bool):
        return bool(value)
    for kind in (int, str):
        if isinstance(value, kind):
            return kind(value)
    raise TypeError(f"{value!r} in the parameters of a statement")


def constants_as_text(texts: list[str], statements: list[list]) -> None:
    """Strings and numbers that are the same in every call stand in the SQL, as a person would write it by hand:
    Django binds those too, and the server cannot guess the type of a bare parameter in json_object()."""
    for number, text in enumerate(texts):
        calls = [statement for statement in statements if statement[0] == number]
        positions = [values for _, values in calls]
        if not positions or isinstance(positions[0], dict):
            continue
        constant = [isinstance(column[0], PLAIN) and len(set(column)) == 1 for column in zip(*positions, strict=True)]
        texts[number] = with_literals(text, positions[0], constant)
        for call in calls:
            call[1] = [value for value, fixed in zip(call[1], constant, strict=True) if not fixed]


def with_literals(text: str, values: list, constant: list[bool]) -> str:
    parts = text.split("%s")
    made = parts[0]
    for value, fixed, part in zip(values, constant, parts[1:], strict=True):
        made += (literal(value) if fixed else "%s") + part
    return made


def literal(value: str | int) -> str:
    if isinstance(value, bool | int):
        return str(value)
    return "'" + value.replace("'", "''").replace("%", "%%") + "'"


def check_in_body(challenge_id: UUID, habit_id: UUID) -> bytes:
    return orjson.dumps({"challenge_id": challenge_id, "habit_id": habit_id, "caption": "Test checkin"})
