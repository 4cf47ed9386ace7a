"""Who has done which habit on one day: progress (contract 4.4) and today (contract 4.5)."""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from apps.checkins import reads
from apps.core.numbers import percentage


class Board(NamedTuple):
    """Active members, habits, and the check-ins of the day by (user, habit): those of former members too."""

    members: list[dict[str, Any]]
    habits: list[dict[str, Any]]
    done: dict[tuple[UUID, UUID], dict[str, Any]]


def read_board(challenge_id: UUID, day: date) -> Board:
    """Three statements, at most 50 members and 4 habits."""
    return Board(
        reads.board_members(challenge_id),
        reads.board_habits(challenge_id),
        {(row["user_id"], row["habit_id"]): row for row in reads.check_ins_of_day(challenge_id, day)},
    )


def progress(board: Board, challenge_id: UUID, day: date) -> dict[str, Any]:
    members = [_progress_of(member, board) for member in board.members]
    cells = len(board.members) * len(board.habits)
    return {
        "challenge_id": challenge_id,
        "date": day,
        "members": members,
        "total_habits": len(board.habits),
        "overall_completion": percentage(sum(member["total_completed"] for member in members), cells),
    }


def today(board: Board, viewer_id: UUID) -> list[dict[str, Any]]:
    return [_today_of(habit, board, viewer_id) for habit in board.habits]


def _progress_of(member: dict[str, Any], board: Board) -> dict[str, Any]:
    checkins = [board.done.get((member["user_id"], habit["habit_id"])) for habit in board.habits]
    completed = sum(checkin is not None for checkin in checkins)
    return {
        "user_id": member["user_id"],
        "display_name": member["name"],
        "avatar_url": member["avatar_url"],
        "habits": [
            {
                "habit_id": habit["habit_id"],
                "habit_name": habit["name"],
                "completed": checkin is not None,
                "checked_in_at": checkin and checkin["created_at"],
            }
            for habit, checkin in zip(board.habits, checkins, strict=True)
        ],
        "total_completed": completed,
        "completion_percentage": percentage(completed, len(board.habits)),
    }


def _today_of(habit: dict[str, Any], board: Board, viewer_id: UUID) -> dict[str, Any]:
    members = [
        _today_member(member, board.done.get((member["user_id"], habit["habit_id"])), viewer_id)
        for member in board.members
    ]
    checked_in = sum(member["checked_in_today"] for member in members)
    return {
        "habit_id": habit["habit_id"],
        "habit_name": habit["name"],
        "habit_icon": habit["icon"],
        "members": members,
        "completion_rate": percentage(checked_in, len(members)),
        "total_checkins_today": checked_in,
    }


def _today_member(member: dict[str, Any], checkin: dict[str, Any] | None, viewer_id: UUID) -> dict[str, Any]:
    return {
        "user_id": member["user_id"],
        "user_name": member["name"],
        "user_avatar_url": member["avatar_url"],
        "is_you": member["user_id"] == viewer_id,
        "checked_in_today": checkin is not None,
        "checkin_time": checkin and checkin["created_at"],
        "photo_url": checkin and checkin["photo_url"],
    }
