"""The floor's check-ins and the boards of a day: see floor_answers.py."""

from floor_parts import LIMIT, numbered, percentage, viewer_day

CHECK_IN = (
    *("id", "challenge_id", "habit_id", "user_id", "checkin_date", "status", "photo_url", "video_url", "caption"),
    *("is_on_time", "created_at", "updated_at", "user_display_name", "user_avatar_url"),
)


def check_in(row, viewer):
    made = dict(zip(CHECK_IN, row, strict=True))
    made["is_you"] = row[3] == viewer
    return made


def feed(request, principal, access, found):
    items = [check_in(row, request.viewer) for row in found[:LIMIT]]
    more = {"total": None, "page": None, "limit": LIMIT, "pages": None, "next_cursor": request.cursor}
    return {"checkins": items, **more}


def checkins(request, principal, counted, found=()):
    items = [check_in(row, request.viewer) for row in found]
    return {"checkins": items, **numbered(counted), "next_cursor": request.cursor}


def today_board(request, principal, access, members, habits, done):
    """Members: user_id, name, avatar_url. Habits: habit_id, name, icon. Done: user, habit, created_at, photo_url."""
    cells = {(row[0], row[1]): row for row in done}
    return [today_habit(one, members, cells, request.viewer) for one in habits]


def today_habit(one, members, cells, viewer):
    people = [today_member(person, cells.get((person[0], one[0])), viewer) for person in members]
    checked_in = sum(person["checked_in_today"] for person in people)
    return {
        "habit_id": one[0],
        "habit_name": one[1],
        "habit_icon": one[2],
        "members": people,
        "completion_rate": percentage(checked_in, len(people)),
        "total_checkins_today": checked_in,
    }


def today_member(person, cell, viewer):
    return {
        "user_id": person[0],
        "user_name": person[1],
        "user_avatar_url": person[2],
        "is_you": person[0] == viewer,
        "checked_in_today": cell is not None,
        "checkin_time": cell and cell[2],
        "photo_url": cell and cell[3],
    }


def progress(request, principal, access, members, habits, done):
    cells = {(row[0], row[1]): row[2] for row in done}
    people = [progress_of(person, habits, cells) for person in members]
    return {
        "challenge_id": request.challenge,
        "date": viewer_day(principal),
        "members": people,
        "total_habits": len(habits),
        "overall_completion": percentage(sum(one["total_completed"] for one in people), len(people) * len(habits)),
    }


def progress_of(person, habits, cells):
    rows = []
    for one in habits:
        at = cells.get((person[0], one[0]))
        rows.append({"habit_id": one[0], "habit_name": one[1], "completed": at is not None, "checked_in_at": at})
    completed = sum(row["completed"] for row in rows)
    return {
        "user_id": person[0],
        "display_name": person[1],
        "avatar_url": person[2],
        "habits": rows,
        "total_completed": completed,
        "completion_percentage": percentage(completed, len(habits)),
    }
