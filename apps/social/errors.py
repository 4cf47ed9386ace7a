from apps.core.errors import Problem

friendship_not_found = Problem(404, "friendship_not_found", "Friendship not found.")
request_refused = Problem(403, "request_refused", "You cannot send a friend request to this user.")
not_addressee = Problem(403, "not_addressee", "You can only respond to requests sent to you.")
self_request = Problem(400, "self_request", "You cannot send a friend request to yourself.")
self_removal = Problem(400, "self_removal", "You cannot remove yourself.")
already_friends = Problem(400, "already_friends", "You are already friends.")
request_exists = Problem(
    400, "request_exists", "A friend request already exists.", constraint="one_friendship_per_pair"
)
request_not_pending = Problem(400, "request_not_pending", "This request is no longer pending: it is already {status}.")
habit_not_found = Problem(404, "habit_not_found", "Habit not found.")
no_hitches_remaining = Problem(400, "no_hitches_remaining", "No hitches remaining in this challenge.")
no_valid_targets = Problem(400, "no_valid_targets", "No valid targets: nobody can be reminded now.")
