from apps.challenges.services.challenges import archive_challenge, create_challenge, edit_challenge
from apps.challenges.services.habits import create_habit
from apps.challenges.services.memberships import (
    change_role,
    join_by_code,
    join_challenge,
    leave_challenge,
    remove_member,
)

__all__ = [
    "archive_challenge",
    "change_role",
    "create_challenge",
    "create_habit",
    "edit_challenge",
    "join_by_code",
    "join_challenge",
    "leave_challenge",
    "remove_member",
]
