"""Answers as the API's documentation shows them."""

from typing import Any

FRIENDSHIP: dict[str, Any] = {
    "id": "019cad98-1c80-7d2a-9e57-0d5a8f3c2bf1",
    "requester_id": "019b8d22-1c00-7e0a-8f7a-2d3b4c5d6e01",
    "addressee_id": "019b8d22-1c00-7e0a-8f7a-2d3b4c5d6e02",
    "status": "pending",
    "created_at": "2026-03-02T07:00:00Z",
    "updated_at": "2026-03-02T07:00:00Z",
}
ANSWERED = FRIENDSHIP | {"status": "accepted", "updated_at": "2026-03-02T09:30:00Z"}
FRIENDS = {
    "friends": [
        {
            "id": "019b8d22-1c00-7e0a-8f7a-2d3b4c5d6e02",
            "display_name": "ben",
            "avatar_url": None,
            "bio": "Early bird.",
            "current_streak": 3,
            "points": 690,
            "active_challenges": 2,
            "friendship_id": FRIENDSHIP["id"],
            "friendship_status": "accepted",
            "became_friends_at": "2026-03-02T09:30:00Z",
        }
    ],
    "total": 1,
}
REQUESTS = {
    "received": [
        {
            "id": FRIENDSHIP["id"],
            "user_id": FRIENDSHIP["requester_id"],
            "requester_id": FRIENDSHIP["requester_id"],
            "requester_display_name": "ann",
            "requester_avatar_url": None,
            "addressee_id": FRIENDSHIP["addressee_id"],
            "created_at": "2026-03-02T07:00:00Z",
            "status": "pending",
        }
    ],
    "sent": [],
    "received_count": 1,
    "sent_count": 0,
}
REMOVED = {"success": True, "message": "Friend removed.", "data": None}
HITCHED = {
    "success": True,
    "hitches_sent": 2,
    "remaining_hitches": 1,
    "message": "Sent 2 reminders. 1 hitch remaining.",
}
