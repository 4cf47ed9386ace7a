"""Examples of the OpenAPI document."""

HABIT = {
    "id": "00000000-0000-0000-0000-000000000001",
    "name": "Morning Exercise",
    "icon": "🏃",
    "description": "Move your body before the day begins.",
    "category": "health",
    "is_system": True,
}
STATS = {"current_streak": 1, "longest_streak": 1, "total_checkins": 2, "points_earned": 20, "hitch_count": 2}
MEMBER = {
    "id": "019ca8e4-43c4-7aa0-8c3b-55d5f0a1e2f1",
    "user_id": "019b8d22-1c00-7e0a-8f7a-2d3b4c5d6e01",
    "display_name": "ann",
    "avatar_url": None,
    "role": "creator",
    "status": "active",
    "stats": STATS,
    "joined_at": "2026-03-01T20:00:00Z",
    "left_at": None,
    "last_checkin_at": "2026-03-02T06:15:04Z",
}
CHALLENGE = {
    "id": "019ca8e4-43c0-7b52-9c0e-6a7f0f6f2bc1",
    "name": "March moves",
    "description": None,
    "type": "group",
    "status": "active",
    "start_date": "2026-03-02",
    "end_date": "2026-04-01",
    "duration_days": 30,
    "checkin_type": "photo",
    "require_evidence": True,
    "is_public": False,
    "max_members": 10,
    "member_count": 2,
    "current_streak": 1,
    "organization_id": None,
    "program_id": None,
    "created_at": "2026-03-01T20:00:00Z",
    "created_by": MEMBER["user_id"],
    "invite_code": "K7WQ2M",
    "my_role": "creator",
    "my_status": "active",
}
LIST = {"challenges": [CHALLENGE], "total": 1, "page": 1, "limit": 20, "pages": 1}
STRANGER = {"is_public": True, "invite_code": None, "my_role": None, "my_status": None}
DISCOVERED = LIST | {"challenges": [CHALLENGE | STRANGER], "next_cursor": None}
HABIT_OF_CHALLENGE = {name: value for name, value in HABIT.items() if name != "is_system"} | {
    "display_order": 0,
    "custom_name": None,
    "custom_icon": None,
    "custom_description": None,
    "total_checkins": 1,
    "completion_rate": 50.0,
}
DETAIL = CHALLENGE | {"members": [MEMBER], "habits": [HABIT_OF_CHALLENGE], "my_stats": STATS}
LEFT = {"message": "Successfully left the challenge."}
AUTO_COMPLETED = {
    "success": True,
    "message": "auto-complete: 3 completed, 1 failed, 0 activated",
    "data": {"completed": 3, "failed": 1, "activated": 0, "duration_ms": 41},
}
