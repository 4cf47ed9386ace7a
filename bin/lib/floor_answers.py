"""From rows to answers, by hand, for the bytes of the real views: bin/bench compares them before it measures.

Each function takes the request and the rows of each statement in the order in which the view made them: the principal's
always first. Columns stand where the recorded SQL has them.
"""

from floor_boards import checkins, feed, progress, today_board
from floor_challenges import challenge, challenges, discover
from floor_parts import numbered, shown, today

NOTIFICATION = (
    *("id", "user_id", "type", "title", "body", "data", "action_url", "is_read", "read_at", "created_at", "expires_at"),
)


def account_stats(row, at):
    """From `at` on: timezone, day_floor, last_checkin_date, current_streak, longest_streak, three counters."""
    zone_name, floor, last, current, longest, total, completed, points = row[at : at + 8]
    return {
        "current_streak": shown(current, last, today(zone_name, floor)),
        "longest_streak": longest,
        "total_check_ins": total,
        "total_challenges_completed": completed,
        "points": points,
    }


def user_stats(row, at, active):
    return {**account_stats(row, at), "active_challenges": row[active], "friend_count": row[active + 1]}


def me(request, principal, found):
    row = found[0]
    return {
        "id": row[0],
        "email": row[4],
        "full_name": row[5],
        "display_name": row[1],
        "avatar_url": row[2],
        "bio": row[3],
        "timezone": row[9],
        "account_type": row[7] or row[6],
        "stats": user_stats(row, 9, 18),
        "created_at": row[8],
        "organization_id": None,
        "last_seen_at": row[17],
    }


def stats(request, principal, found):
    return user_stats(found[0], 0, 8)


def profile(request, principal, found, access=()):
    row = found[0]
    return {
        "id": row[0],
        "display_name": row[1],
        "avatar_url": row[2],
        "bio": row[3],
        "stats": user_stats(row, 4, 12),
        "is_you": row[0] == request.viewer,
    }


def notifications(request, principal, counted, found=()):
    items = [dict(zip(NOTIFICATION, row, strict=True)) for row in found]
    return {"items": items, **numbered(counted), "next_cursor": request.cursor}


def unread(request, principal, counted):
    return {"count": counted[0][0]}


ANSWERS = {
    "me": me,
    "stats": stats,
    "profile": profile,
    "challenges": challenges,
    "discover": discover,
    "challenge": challenge,
    "feed": feed,
    "today": today_board,
    "progress": progress,
    "checkins": checkins,
    "notifications": notifications,
    "unread": unread,
}
