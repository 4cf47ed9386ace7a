"""Answers as the API's documentation shows them."""

from typing import Any

STATS: dict[str, Any] = {
    "current_streak": 3,
    "longest_streak": 9,
    "total_check_ins": 41,
    "total_challenges_completed": 1,
    "points": 690,
}
USER_STATS = STATS | {"active_challenges": 2, "friend_count": 4}
AUTH_USER: dict[str, Any] = {
    "id": "019a9f2e-6f0a-7c3e-9d51-6a2f0d6d1a01",
    "email": "ann@example.com",
    "full_name": "Ann Lee",
    "display_name": "ann",
    "avatar_url": None,
    "bio": None,
    "timezone": "Asia/Ho_Chi_Minh",
    "account_type": "b2c",
    "stats": STATS,
    "created_at": "2026-01-05T08:00:00Z",
}
TOKENS = {
    "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJkYXJlem9uZSJ9.c2lnbmF0dXJl",
    "refresh_token": "Qm9vNXhYb2V0bGxlZ2VyaXN0aGVuYW1lb2Z0aGlzdG9rZW4",
    "token_type": "bearer",
    "expires_in": 3600,
    "user": AUTH_USER,
}
VERIFIED = {"valid": True, "user_id": AUTH_USER["id"], "email": AUTH_USER["email"]}
LOGGED_OUT = {"success": True, "message": "Logged out.", "data": None}
USER_PROFILE = AUTH_USER | {
    "organization_id": None,
    "stats": USER_STATS,
    "last_seen_at": "2026-03-02T06:15:04Z",
}
PUBLIC_PROFILE = {
    "id": "019a9f2e-6f0a-7c3e-9d51-6a2f0d6d1a02",
    "display_name": "ben",
    "avatar_url": None,
    "bio": "Early bird.",
    "stats": USER_STATS,
    "is_you": False,
}
USER_FOUND = {
    "id": "019a9f2e-6f0a-7c3e-9d51-6a2f0d6d1a02",
    "display_name": "ben",
    "avatar_url": None,
    "is_friend": True,
    "friendship_status": "accepted",
    "active_challenge_id": "019a9f2e-6f0a-7c3e-9d51-6a2f0d6d1ac1",
}
