"""The floor's challenges: see floor_answers.py."""

from floor_parts import numbered, percentage, shown, today, viewer_day

CHALLENGE = (
    *("id", "name", "description", "type", "status", "start_date", "end_date", "duration_days", "checkin_type"),
    *("require_evidence", "is_public", "max_members", "member_count", "current_streak", "created_at"),
)
STATS = ("current_streak", "longest_streak", "total_checkins", "points_earned", "hitch_count")


def challenge_base(row, day):
    """A row: the fields of CHALLENGE, last_checkin_date, created_by_id, my_role, my_status, invite_code."""
    item = dict(zip(CHALLENGE, row, strict=False))
    item["current_streak"] = shown(row[13], row[15], day)
    return item | {
        "organization_id": None,
        "program_id": None,
        "created_by": row[16],
        "my_role": row[17],
        "my_status": row[18],
    }


def challenges(request, principal, counted, found=()):
    day = viewer_day(principal)
    items = [challenge_base(row, day) | {"invite_code": row[19] if row[17] == "creator" else None} for row in found]
    return {"challenges": items, **numbered(counted)}


def discover(request, principal, page, roles=()):
    """A row: the fields of CHALLENGE, last_checkin_date, created_by_id, the total of all pages."""
    day, mine = viewer_day(principal), {row[0]: row[1:] for row in roles}
    items = [challenge_base((*row[:17], *mine.get(row[0], (None, None))), day) | {"invite_code": None} for row in page]
    total = page[0][17] if page else 0
    return {"challenges": items, **numbered([[total]]), "next_cursor": request.cursor}


def member_stats(values, last, day):
    made = dict(zip(STATS, values, strict=True))
    made["current_streak"] = shown(values[0], last, day)
    return made


def member(row):
    """id, user_id, role, status, joined_at, left_at, last_checkin_at, last_checkin_date, STATS, then the person's
    display_name, avatar_url, timezone, day_floor."""
    return {
        "id": row[0],
        "user_id": row[1],
        "display_name": row[13],
        "avatar_url": row[14],
        "role": row[2],
        "status": row[3],
        "stats": member_stats(row[8:13], row[7], today(row[15], row[16])),
        "joined_at": row[4],
        "left_at": row[5],
        "last_checkin_at": row[6],
    }


def habit(row, due):
    """habit_id, display_order, custom_name, custom_icon, custom_description, shown, the counts of all habits."""
    habit_id, order, name, icon, description, seen, counted = row
    counts = next((one for one in counted if one["habit_id"] == str(habit_id)), {"total": 0, "by_members": 0})
    return {
        "id": habit_id,
        "name": name or seen["name"],
        "icon": icon or seen["icon"],
        "description": description or seen["description"],
        "category": seen["category"],
        "display_order": order,
        "custom_name": name,
        "custom_icon": icon,
        "custom_description": description,
        "total_checkins": counts["total"],
        "completion_rate": percentage(counts["by_members"], due),
    }


def challenge(request, principal, found, members, habits):
    row, day = found[0], viewer_day(principal)
    due = len(members) * max((min(day, row[6]) - row[5]).days + 1, 0)
    return challenge_base(row, day) | {
        "invite_code": row[19],
        "members": [member(one) for one in members],
        "habits": [habit(one, due) for one in habits],
        "my_stats": member_stats(row[20:25], row[25], day),
    }
