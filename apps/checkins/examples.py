"""Examples of the OpenAPI document."""

CHECKIN = {
    "id": "019cad6f-0af8-7d11-a1d6-1f8f6d5c9a01",
    "challenge_id": "019ca8e4-43c0-7b52-9c0e-6a7f0f6f2bc1",
    "habit_id": "00000000-0000-0000-0000-000000000001",
    "user_id": "019b8d22-1c00-7e0a-8f7a-2d3b4c5d6e01",
    "checkin_date": "2026-03-02",
    "status": "completed",
    "photo_url": None,
    "video_url": None,
    "caption": "Test checkin",
    "is_on_time": True,
    "created_at": "2026-03-02T06:15:04Z",
    "updated_at": "2026-03-02T06:15:04Z",
}
CREATED = {
    "checkin": CHECKIN,
    "new_streak": 1,
    "points_earned": 10,
    "is_streak_broken": False,
    "message": "Checked in: 1-day streak, +10 points.",
}
FEED = {
    "checkins": [CHECKIN | {"user_display_name": "ann", "user_avatar_url": None, "is_you": True}],
    "total": None,
    "page": None,
    "limit": 20,
    "pages": None,
    "next_cursor": None,
}
LIST = FEED | {"total": 1, "page": 1, "pages": 1}
TODAY = {
    "habit_id": CHECKIN["habit_id"],
    "habit_name": "Morning Exercise",
    "habit_icon": "🏃",
    "members": [
        {
            "user_id": CHECKIN["user_id"],
            "user_name": "ann",
            "user_avatar_url": None,
            "is_you": True,
            "checked_in_today": True,
            "checkin_time": "2026-03-02T06:15:04Z",
            "photo_url": None,
        }
    ],
    "completion_rate": 100.0,
    "total_checkins_today": 1,
}
PROGRESS = {
    "challenge_id": CHECKIN["challenge_id"],
    "date": "2026-03-02",
    "members": [
        {
            "user_id": CHECKIN["user_id"],
            "display_name": "ann",
            "avatar_url": None,
            "habits": [
                {
                    "habit_id": CHECKIN["habit_id"],
                    "habit_name": "Morning Exercise",
                    "completed": True,
                    "checked_in_at": "2026-03-02T06:15:04Z",
                }
            ],
            "total_completed": 1,
            "completion_percentage": 100.0,
        }
    ],
    "total_habits": 1,
    "overall_completion": 100.0,
}
