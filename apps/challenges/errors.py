from apps.core.errors import Problem

no_fields = Problem(400, "no_fields", "No fields to update.")
invalid_habits = Problem(400, "invalid_habits", "One or more habits were not found.")
habit_limit_reached = Problem(400, "habit_limit_reached", "You already have {limit} custom habits.")
already_member = Problem(
    400, "already_member", "You are already a member of this challenge.", constraint="one_membership_per_user"
)
already_left = Problem(400, "already_left", "You have already left this challenge.")
challenge_full = Problem(400, "challenge_full", "This challenge is full.", constraint="member_count_within_capacity")
max_members_below_count = Problem(
    400, "max_members_below_count", "max_members cannot be below the {count} current members."
)
challenge_not_started = Problem(400, "challenge_not_started", "This challenge starts on {date}.")
challenge_closed = Problem(400, "challenge_closed", "This challenge is closed.")
creator_cannot_leave = Problem(400, "creator_cannot_leave", "The creator cannot leave; delete the challenge instead.")
invalid_status_transition = Problem(400, "invalid_status_transition", "A challenge cannot go from {before} to {after}.")
cannot_remove_creator = Problem(400, "cannot_remove_creator", "The creator cannot be removed.")
cannot_remove_self = Problem(400, "cannot_remove_self", "Use leave to remove yourself.")
cannot_change_creator = Problem(400, "cannot_change_creator", "The creator's role cannot change.")
not_a_member = Problem(403, "not_a_member", "You are not a member of this challenge.")
insufficient_role = Problem(403, "insufficient_role", "Your role does not allow this.")
kicked = Problem(403, "kicked", "You were removed from this challenge.")
invite_required = Problem(403, "invite_required", "This challenge needs an invite code.")
invalid_invite_code = Problem(404, "invalid_invite_code", "Invalid invite code.")
challenge_not_found = Problem(404, "challenge_not_found", "Challenge not found.")
member_not_found = Problem(404, "member_not_found", "Member not found.")
