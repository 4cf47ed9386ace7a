"""What an answer must look like to count as a success. Each check returns what is wrong, or None."""

import json
from collections.abc import Callable
from typing import Any

Check = Callable[[Any], str | None]

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


def problem_of(status: int, content: bytes | None, expected: int, check: Check) -> tuple[Any, str | None]:
    """The parsed body, and what is wrong with the answer."""
    if status != expected:
        return None, f"{status or 'no answer'}: {(content or b'')[:200].decode(errors='replace')}"
    if expected == 204:
        return None, "204 with a body" if content else None
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
