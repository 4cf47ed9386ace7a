"""What an answer must look like to count as a success. Each check returns what is wrong, or None."""

import json
from collections.abc import Callable
from typing import Any

Check = Callable[[Any], str | None]
DOCUMENTED = "503 as documented, with Retry-After"

TOKENS = {"access_token": str, "refresh_token": str, "token_type": str, "expires_in": int, "user": dict}
STATS = {
    name: int
    for name in (
        *("current_streak", "longest_streak", "total_check_ins", "total_challenges_completed", "points"),
        *("active_challenges", "friend_count"),
    )
}
PROFILE = {"id": str, "email": str, "display_name": str, "timezone": str, "stats": dict, "created_at": str}
PAGE = {"total": int, "page": int, "limit": int, "pages": int, "challenges": list}
CHALLENGE = {"id": str, "name": str, "status": str, "my_status": str, "member_count": int, "current_streak": int}
DETAIL = {"id": str, "habits": list, "members": list, "my_status": str}
CHECK_INS = {"checkins": list, "limit": int}
CREATED = {"checkin": dict, "new_streak": int, "points_earned": int, "is_streak_broken": bool, "message": str}


def refusal(status: int, content: bytes | None, retry_after: str | None) -> str | None:
    """DOCUMENTED when the server says as the contract wants that it cannot now; None for every other answer."""
    if status != 503 or not (retry_after or "").isdigit() or int(retry_after) < 1:
        return None
    try:
        body = json.loads(content or b"")
    except ValueError:
        return None
    known = isinstance(body, dict) and body.get("code") in ("service_unavailable", "not_ready")
    return DOCUMENTED if known and isinstance(body.get("detail"), str) else None


def problem_of(status: int, content: bytes | None, expected: int, check: Check) -> tuple[Any, str | None]:
    """The parsed body, and what is wrong with the answer."""
    if status != expected:
        return None, f"{status or 'no answer'}: {(content or b'')[:200].decode(errors='replace')}"
    if expected in (204, 304):
        return None, f"{expected} with a body" if content else None
    try:
        body = json.loads(content or b"")
    except ValueError:
        return None, f"no JSON: {(content or b'')[:100]!r}"
    return body, check(body)


def wrong_shape(body: Any, shape: dict[str, type]) -> str | None:
    if not isinstance(body, dict):
        return f"not an object: {body!r:.100}"
    wrong = [key for key, kind in shape.items() if type(body.get(key)) is not kind]
    return f"missing or of another type: {', '.join(wrong)}" if wrong else None


def tokens_of(email: str) -> Check:
    def check(body: Any) -> str | None:
        return wrong_shape(body, TOKENS) or wrong_shape(body["user"], {"id": str}) or other(body["user"], email=email)

    return check


def profile_of(email: str, user_id: str) -> Check:
    def check(body: Any) -> str | None:
        return wrong_shape(body, PROFILE) or wrong_shape(body["stats"], STATS) or other(body, email=email, id=user_id)

    return check


def own_challenges(body: Any) -> str | None:
    """A page that is not empty: every account of the load run is a member of something."""
    if wrong := wrong_shape(body, PAGE):
        return wrong
    if not body["challenges"] or len(body["challenges"]) != min(body["total"], body["limit"]):
        return f"{len(body['challenges'])} challenges on a page of {body['limit']}, {body['total']} in all"
    return next(filter(None, (wrong_shape(row, CHALLENGE) for row in body["challenges"])), None)


def these_challenges(ids: set[str] | None) -> Check:
    """Somebody's own, and once they are known, no others."""

    def check(body: Any) -> str | None:
        if wrong := own_challenges(body):
            return wrong
        listed = {row["id"] for row in body["challenges"]}
        return f"{len(listed ^ ids)} challenges that are not the same" if ids is not None and listed != ids else None

    return check


def detail_of(challenge_id: str) -> Check:
    def check(body: Any) -> str | None:
        return wrong_shape(body, DETAIL) or other(body, id=challenge_id)

    return check


def own_check_ins(body: Any) -> str | None:
    return wrong_shape(body, CHECK_INS)


def check_in_of(user_id: str, challenge_id: str, habit_id: str) -> Check:
    def check(body: Any) -> str | None:
        if wrong := wrong_shape(body, CREATED) or wrong_shape(body["checkin"], {"id": str, "checkin_date": str}):
            return wrong
        if body["points_earned"] not in (10, 20) or body["new_streak"] < 1:
            return f"{body['points_earned']} points, streak {body['new_streak']}"
        return other(body["checkin"], user_id=user_id, challenge_id=challenge_id, habit_id=habit_id)

    return check


def nothing(body: Any) -> None:
    return None


def other(body: dict, **expected: str) -> str | None:
    """Somebody else's answer is worse than none."""
    wrong = [f"{key} is {body.get(key)!r}" for key, value in expected.items() if body.get(key) != value]
    return "; ".join(wrong) or None


def shaped(**shape: type) -> Check:
    return lambda body: wrong_shape(body, shape)


def about(check: Check | None = None, **expected: Any) -> Check:
    """An object of this shape that says exactly this."""

    def judge(body: Any) -> str | None:
        wrong = check(body) if check else wrong_shape(body, {})
        return wrong or other(body, **expected)

    return judge


def rows(key: str | None, shape: dict[str, type], least: int = 0, **expected: str) -> Check:
    """A list, bare or below a key: each row of this shape, and each this person's or this challenge's."""

    def judge(body: Any) -> str | None:
        found = body if key is None else body.get(key) if isinstance(body, dict) else None
        if not isinstance(found, list) or len(found) < least:
            return f"fewer than {least} rows: {body!r:.100}"
        return next(filter(None, (wrong_shape(row, shape) or other(row, **expected) for row in found)), None)

    return judge


def with_me(key: str | None, user_id: str, then: Check | None = None) -> Check:
    """Among the members shown is the one who looks."""

    def judge(body: Any) -> str | None:
        wrong = rows(key, {"user_id": str})(body) or (then and then(body))
        if wrong:
            return wrong
        members = body if key is None else body[key]
        return None if any(row["user_id"] == user_id for row in members) else "the one who looks is not among them"

    return judge


def board_with_me(user_id: str) -> Check:
    """Today's board: a column for each habit, and the one who looks in each."""
    columns = rows(None, {"habit_id": str, "members": list, "total_checkins_today": int}, least=1)
    me = with_me("members", user_id)
    return lambda body: columns(body) or next(filter(None, map(me, body)), None)
