from apps.core.errors import Problem

no_fields = Problem(400, "no_fields", "No fields to update.")
not_today = Problem(400, "not_today", "Only today's check-in can be edited.")
habit_not_in_challenge = Problem(400, "habit_not_in_challenge", "This habit is not part of the challenge.")
already_checked_in = Problem(
    400,
    "already_checked_in",
    "You have already checked in for this habit today.",
    constraint="one_checkin_per_day",
)
evidence_required = Problem(
    400,
    "evidence_required",
    "At least one piece of evidence is required: caption, photo_url or video_url.",
)
evidence_type_mismatch = Problem(400, "evidence_type_mismatch", "This challenge asks for {type} evidence.")
not_owner = Problem(403, "not_owner", "This check-in is not yours.")
checkin_not_found = Problem(404, "checkin_not_found", "Check-in not found.")
