"""The floor's check-in: the principal's read, then one transaction of the locking read and the writing statement."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from uuid_utils.compat import uuid7

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


class CheckIns(NamedTuple):
    """The three recorded statements, the values of a recorded principal's read and write, and who has which token."""

    principal: str
    scene: str
    write: str
    principal_values: list
    constants: dict
    users: dict[str, UUID]


def prepared(workload: dict) -> CheckIns:
    statements = workload["requests"][0]["statements"]
    principal, scene, write = (workload["sql"][number] for number, _ in statements)
    constants = {name: statements[2][1][name] for name in ("points", "more_points", "alone", "photo_url", "video_url")}
    users = {f"Bearer {request['token']}": request["user"] for request in workload["requests"]}
    return CheckIns(principal, scene, write, statements[0][1], constants, users)


def answer(connection, known: CheckIns, environ) -> dict:
    user_id = known.users[environ["HTTP_AUTHORIZATION"]]
    asked = orjson.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    who = [user_id if isinstance(value, UUID) else value for value in known.principal_values]
    connection.execute(known.principal, who).fetchone()
    ids = {"challenge_id": UUID(asked["challenge_id"]), "habit_id": UUID(asked["habit_id"]), "user_id": user_id}
    with connection.transaction():
        cursor = connection.execute(known.scene, ids)
        # The columns of the challenge, the member and the owner: each part begins with its id.
        _, member, owner = [at for at, column in enumerate(cursor.description) if column.name == "id"]
        scene = cursor.fetchone()
        values = written(known, scene[member:owner], scene[owner:-1], ids, asked["caption"])
        _, points = connection.execute(known.write, values).fetchone()
    return created(values, points, values["member_current"])


def written(known: CheckIns, member_row: tuple, owner_row: tuple, ids: dict, caption: str) -> dict:
    member_id, _, *member = member_row
    _, timezone, day_floor, *owner = owner_row
    now = datetime.now(UTC)
    day = now.astimezone(ZoneInfo(timezone)).date()
    day = max(day, day_floor) if day_floor else day
    member_current, member_longest = advanced(*member, day)
    owner_current, owner_longest = advanced(*owner, day)
    return {
        **known.constants,
        **ids,
        **{"id": uuid7(), "caption": caption, "day": day, "yesterday": day - DAY, "now": now},
        **{"member_id": member_id, "member_current": member_current, "member_longest": member_longest},
        **{"owner_current": owner_current, "owner_longest": owner_longest, "a_minute_ago": now - MINUTE},
        "broken": member[2] is not None and member[2] < day - DAY,
    }


def advanced(current: int, longest: int, last, day) -> tuple[int, int]:
    if last == day:
        return current, longest
    current = current + 1 if last == day - DAY else 1
    return current, max(longest, current)


def created(values: dict, points: int, streak: int) -> dict:
    begins = "a new streak begins, " if values["broken"] else ""
    return {
        "checkin": {
            "id": values["id"],
            "user_id": values["user_id"],
            "challenge_id": values["challenge_id"],
            "habit_id": values["habit_id"],
            "checkin_date": values["day"],
            "status": "completed",
            "photo_url": None,
            "video_url": None,
            "caption": values["caption"],
            "is_on_time": True,
            "created_at": values["now"],
            "updated_at": values["now"],
        },
        "new_streak": streak,
        "points_earned": points,
        "is_streak_broken": values["broken"],
        "message": f"Checked in: {begins}{streak}-day streak, +{points} points.",
    }
